/* SPDX-License-Identifier: Apache-2.0 */
/* Results as they would be stored, for the tests of the views; ' stands for ". */
#ifndef VIEW_SAMPLES_H
#define VIEW_SAMPLES_H

#define SAMPLE_FINGERPRINT "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

#define SAMPLE_HEAD(operation, ok, changed)                                                                     \
    "{'api_version':'nsxcert/v1','operation':" operation ",'request_id':'change-4711','dry_run':false,'ok':" ok \
    ",'changed':" changed ",'target':{'address':'192.0.2.10','cluster_id':null,'nsx_version':'2.4.0'},"

#define SAMPLE_TAIL \
    "'meta':{'version':'1.0.0','duration_ms':5,'http_requests':4,'tls_connections':1,'trusted_by':'pin'}}"

static const char sample_import[] = SAMPLE_HEAD(
    "'import'", "true",
    "true") "'steps':[{'name':'import','outcome':'done','changed':true,'reasons':['not in the trust store'],'endpoint':'192.0.2.10:443'},"
            "{'name':'validate','outcome':'skipped','changed':false,'reasons':['NSX before 3.0']}],"
            "'diff':[{'what':'trust store','before':null,'after':{'display_name':'vip-9f86','san':{'dns':['nsx.example.com'],'ip':['192.0.2.10']}}}],"
            "'unknown':[],'result':{'certificate_id':'5f1c','display_name':'vip-9f86','fingerprint_sha256':'" SAMPLE_FINGERPRINT
            "'},"
            "'warnings':[{'code':'literal-display-name','severity':'warning','title':'The display name will not survive the renewal',"
            "'detail':'vip-9f86 is literal','remedy':'Put {fingerprint} into it.','pointer':'/parameters/display_name'}],'error':null," SAMPLE_TAIL;

/* `status` of the result and the checks of the second endpoint, `issuer` of the presented leaf. */
#define SAMPLE_VERIFY(ok, status, node_status, node_fingerprint, issuer, error)                                                  \
    SAMPLE_HEAD("'verify'", ok, "false")                                                                                         \
    "'steps':[{'name':'look','outcome':'done','changed':false,'reasons':[]}],'diff':[],'unknown':[],'result':{"                  \
    "'status':'" status "','reason':null,'renewal_due':false,'renewal_at':'2030-06-01T00:00:00Z','certificate':{"                \
    "'certificate_id':null,'display_name':null,'fingerprint_sha256':'" SAMPLE_FINGERPRINT "',"                                   \
    "'certificate_pem':'-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----\\n','not_after':'2030-10-01T00:00:00Z'}," \
    "'endpoints':[{'address':'192.0.2.10','role':'vip','status':'in_sync','reachable':true,'presented':{'leaf':{"                \
    "'fingerprint_sha256':'" SAMPLE_FINGERPRINT "','subject':'CN=192.0.2.10','issuer':'" issuer "',"                             \
    "'not_after':'2030-10-01T00:00:00Z'},'chain':[]},'checks':{'fingerprint':true,'chain':true,'common_name':null}},"            \
    "{'address':'192.0.2.11','role':'node','status':'" node_status "','reachable':true,'presented':null,'checks':{"              \
    "'fingerprint':" node_fingerprint ",'chain':" node_fingerprint ",'validity':true}},"                                         \
    "{'address':'192.0.2.12','role':'node','status':'unknown','reachable':false,'reason':'unreachable','presented':null,"        \
    "'checks':null}],'api':null,'reported':[]},'warnings':[],'error':" error "," SAMPLE_TAIL

static const char sample_in_sync[] = SAMPLE_VERIFY("true", "in_sync", "in_sync", "true", "CN=192.0.2.10", "null");
static const char sample_ca_signed[] = SAMPLE_VERIFY("true", "in_sync", "in_sync", "true", "CN=Lab CA", "null");
static const char sample_drifted[] = SAMPLE_VERIFY(
    "false", "drifted", "drifted", "false", "CN=192.0.2.10",
    "{'code':'drifted','severity':'error','title':'What is served is not what was asked for','detail':'192.0.2.11 serves another',"
    "'remedy':'Register it.','retryable':false,'step':'look','upstream':null,'rollback':null,'errors':[],'context':null}");

static const char sample_refused[] = SAMPLE_HEAD(
    "'import'", "false",
    "false") "'steps':[],'diff':[],'unknown':['/result/certificate_id'],'result':null,'warnings':[],'error':{'code':'manager-refused',"
             "'severity':'error','title':'The manager refused the call','detail':'the import was refused','remedy':'Act on its words.',"
             "'retryable':true,'step':'import','upstream':{'url':'https://192.0.2.10/api/v1/trust-management/certificates?action=import',"
             "'http_status':400,'error_code':2000,'module_name':'internal-framework','error_message':'Certificate chain is bad'},"
             "'rollback':{'outcome':'done','to':'cleared','steps':[]},"
             "'errors':[{'code':'invalid-value','severity':'error','title':'A value is not allowed here','detail':'too short','remedy':'Make it longer.',"
             "'pointer':'/parameters/display_name'}],'context':{'line':3,'presented':{'subject':'CN=factory'}}}," SAMPLE_TAIL;

#endif
