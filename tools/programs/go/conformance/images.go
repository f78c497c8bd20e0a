//go:build images

// Names the echo server, so that go.mod and go.sum pin it together with the suite that talks to it.
package conformance

import _ "sigs.k8s.io/gateway-api-conformance-images/echo-basic"
