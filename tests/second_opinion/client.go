// SPDX-License-Identifier: Apache-2.0

// One TLS handshake as Go's clients do it: client ADDRESS NAME [ANCHOR.pem].
// Exit code 0: accepted, 1: the certificate is refused, 2: anything else.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

func main() {
	pool := x509.NewCertPool()
	if len(os.Args) > 3 {
		pem, err := os.ReadFile(os.Args[3])
		if err != nil || !pool.AppendCertsFromPEM(pem) {
			fmt.Println("no anchor", err)
			os.Exit(2)
		}
	}
	dialer := &net.Dialer{Timeout: 20 * time.Second}
	connection, err := tls.DialWithDialer(dialer, "tcp", os.Args[1], &tls.Config{RootCAs: pool, ServerName: os.Args[2]})
	if err == nil {
		fmt.Println("accepted")
		connection.Close()
		return
	}
	fmt.Println(err)
	var refusal *tls.CertificateVerificationError
	if errors.As(err, &refusal) {
		os.Exit(1)
	}
	os.Exit(2)
}
