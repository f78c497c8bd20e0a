// Reads compose files the way docker compose does, one laid over the other, and prints what they come to as JSON. What
// compose would refuse ends it with a sentence that names the place. A file that describes processes only has services
// without an image; with -processes that is no mistake.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	processes := flag.Bool("processes", false, "services need no image")
	flag.Parse()
	if err := show(flag.Args(), !*processes); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func show(files []string, images bool) error {
	options, err := cli.NewProjectOptions(files, cli.WithInterpolation(true), cli.WithConsistency(images))
	if err != nil {
		return err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return err
	}
	text, err := project.MarshalJSON()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}
