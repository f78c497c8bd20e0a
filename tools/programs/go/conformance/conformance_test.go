// The official Gateway API conformance suite as a test binary. What to run, and against which class, is said by the
// suite's own flags.
package conformance

import (
	"testing"

	suite "sigs.k8s.io/gateway-api/conformance"
)

func TestGatewayAPIConformance(t *testing.T) {
	suite.RunConformanceWithOptions(t, suite.DefaultOptions(t))
}
