// The official Gateway API conformance suite as a test binary. What to run, and against which class, is said by the
// suite's own flags; two more things are ours: the result of each test by name, as soon as it is known (the suite's
// report names no test that passed), and a list of all tests, which needs no cluster.
package conformance

import (
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	suite "sigs.k8s.io/gateway-api/conformance"
	"sigs.k8s.io/gateway-api/conformance/tests"
	conformance "sigs.k8s.io/gateway-api/conformance/utils/suite"
	"sigs.k8s.io/gateway-api/pkg/features"
)

var (
	resultsTo       = flag.Uint("results-fd", 0, "an open file that gets a line of JSON for each test")
	catalogueOutput = flag.String("catalogue-output", "", "a file that gets all tests of gateways as JSON")
)

var profiles = []conformance.ConformanceProfile{
	conformance.GatewayHTTPConformanceProfile,
	conformance.GatewayGRPCConformanceProfile,
	conformance.GatewayTLSConformanceProfile,
	conformance.GatewayTCPConformanceProfile,
	conformance.GatewayUDPConformanceProfile,
}

func TestGatewayAPIConformance(t *testing.T) {
	if *catalogueOutput != "" {
		t.Skip("the list of tests was asked for")
	}
	options := suite.DefaultOptions(t)
	if *resultsTo != 0 {
		file := os.NewFile(uintptr(*resultsTo), "results")
		// Not deferred: tests in parallel end after this function.
		t.Cleanup(func() { file.Close() })
		options.Hook = func(t *testing.T, test conformance.ConformanceTest, _ *conformance.ConformanceTestSuite) {
			write(t, file, result{test.ShortName, outcome(t)})
		}
	}
	suite.RunConformanceWithOptions(t, options)
}

type result struct {
	Name    string `json:"name"`
	Outcome string `json:"outcome"`
}

func outcome(t *testing.T) string {
	switch {
	case t.Failed():
		return "fail"
	case t.Skipped():
		return "skip"
	}
	return "pass"
}

// Tests in parallel end at once: a line is written in one piece.
func write(t *testing.T, file *os.File, value any) {
	line, err := json.Marshal(value)
	if err == nil {
		_, err = file.Write(append(line, '\n'))
	}
	if err != nil {
		t.Error(err)
	}
}

type entry struct {
	Name     string                 `json:"name"`
	Features []features.FeatureName `json:"features"`
	// By profile: core or extended, as the suite's report counts it.
	Profiles map[conformance.ConformanceProfileName]string `json:"profiles"`
}

func TestCatalogue(t *testing.T) {
	if *catalogueOutput == "" {
		t.Skip("no file for it")
	}
	file, err := os.Create(*catalogueOutput)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	entries := []entry{}
	for _, test := range tests.ConformanceTests {
		levels := map[conformance.ConformanceProfileName]string{}
		for _, profile := range profiles {
			if level := levelOf(test, profile); level != "" {
				levels[profile.Name] = level
			}
		}
		if !slices.Contains(test.Features, features.SupportMesh) {
			entries = append(entries, entry{test.ShortName, test.Features, levels})
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.Name, b.Name) })
	write(t, file, entries)
}

func levelOf(test conformance.ConformanceTest, profile conformance.ConformanceProfile) string {
	level := "core"
	for _, feature := range test.Features {
		switch {
		case profile.CoreFeatures.Has(feature):
		case profile.ExtendedFeatures.Has(feature):
			level = "extended"
		default:
			return ""
		}
	}
	return level
}
