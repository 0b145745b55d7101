package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/web/locale"
)

// packCmd works on services as files. But for import and export it needs no database, and never a server.
type packCmd struct {
	Check  packCheckCmd  `cmd:"" help:"Say everything that is wrong with services, by file and line; exits with 1 when something keeps one from being published."`
	Test   packTestCmd   `cmd:"" help:"Play the scenarios of services; exits with 1 when one does not come out as it says."`
	Diff   packDiffCmd   `cmd:"" help:"Say what one service says otherwise than another."`
	Schema packSchemaCmd `cmd:"" help:"Print the JSON Schema of the answers that a program sends for a service."`
	Format packFormatCmd `cmd:"" help:"Print a service in the order of the reference."`
	Import packImportCmd `cmd:"" help:"Bring a service from a file into a tenant's Studio, as a draft."`
	Export packExportCmd `cmd:"" help:"Print a service of a tenant as one file, from which it can be imported elsewhere."`
}

var (
	errPackWrong  = errors.New("something is wrong")
	errPackFailed = errors.New("a scenario does not come out as it says")
)

type packCheckCmd struct {
	Path     []string `arg:"" help:"Files, or folders of files (.yaml, .yml, .json)." type:"existingpath"`
	Lang     string   `help:"Language of the sentences." default:"en"`
	Warnings bool     `help:"Exit with 1 for warnings too."`
}

// Run checks services.
func (c packCheckCmd) Run(k *kong.Context) error {
	texts, err := locale.Catalog()
	if err != nil {
		return err
	}
	files, err := packFiles(c.Path)
	if err != nil {
		return err
	}
	wrong := false
	for _, file := range files {
		_, problems, err := readPack(file)
		if err != nil {
			return err
		}
		for _, p := range problems {
			wrong = wrong || !p.Warning || c.Warnings
			fmt.Fprintln(k.Stdout, problemLine(texts, c.Lang, file, p))
		}
		if len(problems) == 0 {
			fmt.Fprintf(k.Stdout, "%s: ok\n", file)
		}
	}
	if wrong {
		return errPackWrong
	}
	return nil
}

// problemLine says a problem as compilers do, in the reader's language.
func problemLine(texts *i18n.Catalog, lang, file string, p servicespec.Problem) string {
	at, level := file, "error"
	if p.Line > 0 {
		at = fmt.Sprintf("%s:%d", file, p.Line)
	}
	if p.Warning {
		level = "warning"
	}
	return fmt.Sprintf("%s: %s: %s (%s)", at, texts.T(lang, "spec."+level, nil), locale.Problem(texts, lang, p), p.Path)
}

// readPack reads a service with the scenarios beside it (<name>.scenarios.yaml), and all that is wrong with it.
func readPack(file string) (*servicespec.Pack, []servicespec.Problem, error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	pack, problems := servicespec.Parse(source)
	if pack == nil {
		return nil, problems, nil
	}
	beside := strings.TrimSuffix(file, filepath.Ext(file)) + scenarioSuffix
	source, err = os.ReadFile(beside)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	if err == nil {
		scenarios, more := servicespec.ParseScenarios(source)
		pack.Scenarios = append(pack.Scenarios, scenarios...)
		problems = append(problems, more...)
	}
	return pack, append(problems, servicespec.Check(pack)...), nil
}

// scenarioSuffix is how a file of scenarios beside a service ends.
const scenarioSuffix = ".scenarios.yaml"

// packFiles lists the services among files and folders, sorted.
func packFiles(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		err := filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			named := slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(file)) && !strings.HasSuffix(file, scenarioSuffix)
			if file == path || named {
				files = append(files, file)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(files)
	if len(files) == 0 {
		return nil, errors.New("there is no service (.yaml, .yml, .json)")
	}
	return slices.Compact(files), nil
}

// compiledPack reads a service that must be right.
func compiledPack(file string) (*servicespec.Service, error) {
	pack, problems, err := readPack(file)
	if err != nil {
		return nil, err
	}
	if pack == nil {
		return nil, fmt.Errorf("%s: %s", file, problems[0].Sentence)
	}
	s, err := servicespec.Compile(pack)
	if err != nil {
		for _, p := range servicespec.Errors(problems) {
			fmt.Fprintf(os.Stderr, "%s:%d: %s\n", file, p.Line, p.Sentence)
		}
		return nil, fmt.Errorf("%s: %w", file, errPackWrong)
	}
	return s, nil
}

type packTestCmd struct {
	Path    []string `arg:"" help:"Files, or folders of files." type:"existingpath"`
	Verbose bool     `short:"v" help:"Show each step."`
}

// Run plays scenarios.
func (c packTestCmd) Run(k *kong.Context) error {
	files, err := packFiles(c.Path)
	if err != nil {
		return err
	}
	failed := false
	for _, file := range files {
		s, err := compiledPack(file)
		if err != nil {
			return err
		}
		for i := range s.Pack().Scenarios {
			played := s.RunScenario(&s.Pack().Scenarios[i])
			failed = failed || !played.OK()
			report(k.Stdout, s.Code(), played, c.Verbose)
		}
		if len(s.Pack().Scenarios) == 0 {
			fmt.Fprintf(k.Stdout, "%s: no scenarios\n", s.Code())
		}
	}
	if failed {
		return errPackFailed
	}
	return nil
}

func report(w io.Writer, code string, p servicespec.Played, verbose bool) {
	word := "ok  "
	if !p.OK() {
		word = "FAIL"
	}
	fmt.Fprintf(w, "%s %s: %s\n", word, code, p.Name)
	for _, f := range p.Failures {
		fmt.Fprintf(w, "       %s\n", f)
	}
	if !verbose {
		return
	}
	for _, step := range p.Steps {
		line := fmt.Sprintf("       %s  %-24s %s", step.At.Format("2006-01-02 15:04"), step.What, step.State)
		if step.Refused != "" {
			line += " (refused: " + step.Refused + ")"
		}
		for _, e := range step.Events {
			if e.Kind != "moved" {
				line += " · " + e.Kind + " " + e.Code
			}
		}
		fmt.Fprintln(w, line)
	}
}

type packDiffCmd struct {
	Before string `arg:"" type:"existingfile" help:"The earlier service."`
	After  string `arg:"" type:"existingfile" help:"The later service."`
}

// Run compares two services.
func (c packDiffCmd) Run(k *kong.Context) error {
	var packs [2]*servicespec.Pack
	for i, file := range []string{c.Before, c.After} {
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		pack, problems := servicespec.Parse(source)
		if pack == nil {
			return fmt.Errorf("%s: %s", file, problems[0].Sentence)
		}
		packs[i] = pack
	}
	area := ""
	for _, change := range servicespec.Diff(packs[0], packs[1]) {
		if change.Area() != area {
			area = change.Area()
			fmt.Fprintln(k.Stdout, area)
		}
		fmt.Fprintln(k.Stdout, " ", change)
	}
	return nil
}

type packSchemaCmd struct {
	File string `arg:"" type:"existingfile" help:"The service."`
	Lang string `help:"Language of the titles." default:"en"`
}

// Run prints a schema.
func (c packSchemaCmd) Run(k *kong.Context) error {
	s, err := compiledPack(c.File)
	if err != nil {
		return err
	}
	schema, err := s.SchemaJSON(c.Lang)
	if err != nil {
		return err
	}
	fmt.Fprintln(k.Stdout, string(schema))
	return nil
}

type packFormatCmd struct {
	File string `arg:"" type:"existingfile" help:"The service."`
}

// Run prints a service.
func (c packFormatCmd) Run(k *kong.Context) error {
	source, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	pack, problems := servicespec.Parse(source)
	if len(problems) > 0 {
		return fmt.Errorf("%s:%d: %s", c.File, problems[0].Line, problems[0].Sentence)
	}
	printed, err := servicespec.Print(pack)
	if err != nil {
		return err
	}
	_, err = k.Stdout.Write(printed)
	return err
}
