# SPDX-License-Identifier: Apache-2.0
"""Server contexts by certificate.  Resumption is off: a resumed session shows
no certificate, and a replaced one would look as if it were still served."""
import hashlib
import os
import ssl
import tempfile
import warnings

from . import certs

LIMIT = 512


class Contexts:
    def __init__(self, folder):
        self._folder = folder
        self._made = {}
        self._live = {}

    def clear(self):
        self._made.clear()
        self._live.clear()

    def resumable(self, place, pem, key, newest):
        """One lasting context a place, with session tickets: its certificate is
        changed under it, and a client that resumes never sees the new one."""
        context = self._live.get(place)
        if context is None:
            context = self._live[place] = self._new(pem, key, tickets=True)
            self._set_versions(context, newest, False, False)
        else:
            self._load(context, pem, key)
        return context

    def get(self, pem, key, newest="1.3", old_tls=False, only_old=False,
            client_pem=""):
        """The context that serves `pem`; newest is the last TLS version offered."""
        name = hashlib.sha256(
            repr((pem, newest, old_tls, only_old, client_pem)).encode()).hexdigest()
        if name not in self._made:
            if len(self._made) >= LIMIT:
                self._made.clear()
            context = self._new(pem, key)
            self._set_versions(context, newest, old_tls, only_old)
            if client_pem:
                context.verify_mode = ssl.CERT_OPTIONAL
                context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
                context.load_verify_locations(cadata=client_pem)
            self._made[name] = context
        return self._made[name]

    def _new(self, pem, key, tickets=False):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # serve what was stored, weak or not
        if not tickets:
            context.options |= ssl.OP_NO_TICKET
            context.num_tickets = 0
        self._load(context, pem, key)
        return context

    def _load(self, context, pem, key):
        chain = certs.clean_pem(certs.load_chain(pem))
        descriptor, path = tempfile.mkstemp(dir=self._folder)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(chain + certs.key_to_pem(key))
            context.load_cert_chain(path)
        finally:
            os.unlink(path)

    @staticmethod
    def _set_versions(context, newest, old_tls, only_old):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = (ssl.TLSVersion.TLSv1 if old_tls or only_old
                                       else ssl.TLSVersion.TLSv1_2)
            context.maximum_version = (ssl.TLSVersion.TLSv1 if only_old else
                                       ssl.TLSVersion.TLSv1_3 if newest == "1.3"
                                       else ssl.TLSVersion.TLSv1_2)
