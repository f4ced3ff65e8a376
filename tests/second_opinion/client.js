// SPDX-License-Identifier: Apache-2.0
// One TLS handshake as Node's clients do it: client.js ADDRESS NAME [ANCHOR.pem].
// Exit code 0: accepted, 1: the certificate is refused, 2: anything else.
"use strict";
const fs = require("fs");
const net = require("net");
const tls = require("tls");

const [address, name, anchor] = process.argv.slice(2);
const [host, port] = address.split(":");
const socket = tls.connect({
  host,
  port: Number(port),
  servername: net.isIP(name) ? "" : name,
  ca: anchor === undefined ? undefined : fs.readFileSync(anchor),
  checkServerIdentity: (_, certificate) => tls.checkServerIdentity(name, certificate),
  timeout: 20000,
});
const refusals = new Set([
  "ERR_TLS_CERT_ALTNAME_INVALID", "DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UNABLE_TO_GET_ISSUER_CERT", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
]);
socket.on("secureConnect", () => {
  console.log("accepted");
  process.exit(0);
});
socket.on("timeout", () => process.exit(2));
socket.on("error", (error) => {
  console.log(error.code, error.message);
  process.exit(refusals.has(error.code) ? 1 : 2);
});
