// Helm, as its own command makes it.
package main

import (
	"errors"
	"os"

	"helm.sh/helm/v4/pkg/cmd"
	"helm.sh/helm/v4/pkg/kube"
)

func main() {
	// Else it is named like the file.
	kube.ManagedFieldsManager = "helm"
	root, err := cmd.NewRootCmd(os.Stdout, os.Args[1:], cmd.SetupLogging)
	if err == nil {
		err = root.Execute()
	}
	if err == nil {
		return
	}
	var told cmd.CommandError
	if errors.As(err, &told) {
		os.Exit(told.ExitCode)
	}
	os.Exit(1)
}
