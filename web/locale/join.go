package locale

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
)

// language is what the parts say in one language, and which part said it first.
type language struct {
	texts map[string]json.RawMessage
	from  map[string]string
}

func newLanguage() *language {
	return &language{texts: map[string]json.RawMessage{}, from: map[string]string{}}
}

// add takes in a part. It reads token by token, since encoding/json keeps the last of repeated keys in silence.
func (l *language) add(part string, b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errors.Join(errors.New("the file is no JSON object"), err)
	}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		key, ok := t.(string)
		if !ok {
			return fmt.Errorf("%v is no key", t)
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
		var text bytes.Buffer
		if err := json.Compact(&text, raw); err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
		switch {
		case l.from[key] == part:
			return fmt.Errorf("%q is there twice", key)
		case l.from[key] != "" && !bytes.Equal(l.texts[key], text.Bytes()):
			return fmt.Errorf("%q has another text in the part %s", key, l.from[key])
		}
		l.texts[key], l.from[key] = text.Bytes(), part
	}
	if _, err := dec.Token(); err != nil { // the closing brace
		return err
	}
	return nil
}

// json writes the language as the one file that i18n reads.
func (l *language) json() ([]byte, error) { return json.Marshal(l.texts) }

// memory is a folder of files that are whole in memory, as far as i18n.Load looks at it: it lists and reads.
type memory map[string][]byte

// Glob lists the files whose name matches.
func (m memory) Glob(pattern string) ([]string, error) {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		ok, err := path.Match(pattern, name)
		if err != nil {
			return nil, err
		}
		if ok {
			names = append(names, name)
		}
	}
	return names, nil
}

// ReadFile returns a file.
func (m memory) ReadFile(name string) ([]byte, error) {
	b, ok := m[name]
	if !ok {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return b, nil
}

// Open is part of every fs.FS; nobody opens what can be read at once.
func (m memory) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: errors.ErrUnsupported}
}
