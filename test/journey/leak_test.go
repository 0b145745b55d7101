package journey_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// personalFields are the fields of the journeys' forms whose content is about somebody, by name.
var personalFields = []string{
	"name", "full_name", "mother_name", "father_name", "applicant_name", "company_name", "address", "phone", "email", "landmark", "purpose_text", "note",
	"nif", "pole_number", "subject", "text",
}

// personal are the words about people that the journeys have typed: they must not stand in clear in what is kept.
var personal struct {
	sync.Mutex
	words map[string]bool
}

// tell notes words about somebody. Short ones say nothing about anybody; what is known of the demonstration's staff stands
// in the files of the demonstration.
func tell(word string) {
	word = strings.TrimSpace(word)
	if len([]rune(word)) < 8 || strings.HasSuffix(word, "@demo.example") {
		return
	}
	personal.Lock()
	defer personal.Unlock()
	if personal.words == nil {
		personal.words = map[string]bool{}
	}
	personal.words[word] = true
}

// Fill notes what is typed about people.
func (p *person) Fill(field, value string) {
	p.t.Helper()
	if slices.Contains(personalFields, field) {
		tell(value)
	}
	p.Page.Fill(field, value)
}

// leaks searches a dump of the whole database, made as backups are, and the log for what the journeys have typed about
// people, once all of them have gone their way.
func (h *house) leaks() (found []string, err error) {
	dump, err := h.dump()
	if err != nil {
		return nil, err
	}
	log, err := os.ReadFile(filepath.Join(h.dir, "log"))
	if err != nil {
		return nil, err
	}
	if len(dump) < 1<<18 || !strings.Contains(dump, "COPY request.request") || len(log) < 1000 {
		return nil, fmt.Errorf("a dump of %d and a log of %d bytes say nothing", len(dump), len(log))
	}
	personal.Lock()
	defer personal.Unlock()
	if len(personal.words) == 0 {
		return nil, nil // none of the journeys that were asked for
	}
	packs, err := examples()
	if err != nil {
		return nil, err
	}
	for word := range personal.words {
		if strings.Contains(packs, word) {
			continue // an example of a service's author
		}
		for where, all := range map[string]string{"a dump of the database": dump, "the log": string(log)} {
			for _, form := range []string{word, url.QueryEscape(word), url.PathEscape(word)} {
				if at := strings.Index(all, form); at >= 0 {
					found = append(found, fmt.Sprintf("%s has %q: …%s…", where, word, all[max(0, at-120):min(len(all), at+60)]))
					break
				}
			}
		}
	}
	fmt.Fprintf(os.Stderr, "%d words about people were looked for in a dump of %d KiB and a log of %d KiB\n", len(personal.words), len(dump)>>10, len(log)>>10)
	return found, nil
}

// examples is what services are made of that the demonstration offers: published as they are, with invented people in their
// scenarios.
func examples() (string, error) {
	var all strings.Builder
	for _, folder := range []string{"../../internal/infra/servicespec/library", "../../cmd/digit/app/demo"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
		if err != nil {
			return "", err
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				return "", err
			}
			all.Write(text)
		}
	}
	return all.String(), nil
}

// dump is what pg_dump writes of the private cluster's database.
func (h *house) dump() (string, error) {
	path, err := exec.LookPath("pg_dump")
	if at, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump"); err != nil && len(at) > 0 {
		path, err = at[len(at)-1], nil
	}
	if err != nil {
		return "", err
	}
	super, err := h.database()
	if err != nil {
		return "", err
	}
	var out, said bytes.Buffer
	cmd := exec.Command(path, "--dbname="+super)
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("pg_dump: %w: %s", err, said.String())
	}
	return out.String(), nil
}

// database is the address of the house's own database, for its superuser.
func (h *house) database() (string, error) {
	pid, err := os.ReadFile(filepath.Join(h.dir, "data", "postgres", "postmaster.pid"))
	if err != nil {
		return "", err
	}
	lines := strings.Split(string(pid), "\n")
	if len(lines) < 5 {
		return "", errors.New("the database does not say where it listens")
	}
	return "postgres:///digit?user=postgres&host=" + url.QueryEscape(lines[4]), nil
}
