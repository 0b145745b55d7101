// Package xliff writes texts for translators and reads them back, as XLIFF 2.0 (OASIS), core alone: the one place where the
// product reads XML. Go's reader resolves no entities and fetches nothing, and how much is read is bounded.
//
// A unit is a text; its name is where the text stands, and the state of its one segment says whether there is a translation, and
// whether that is of other words.
package xliff

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

const space = "urn:oasis:names:tc:xliff:document:2.0"

// The states of a segment. What was translated from words that have changed since is initial again, with a substate of our own.
const (
	initial    = "initial"
	translated = "translated"
	stale      = "digit:stale"
)

// Errors of reading a file of translations.
var (
	// ErrFormat says that a file is none of translations, or cannot be read.
	ErrFormat = errors.New("the file is no XLIFF 2")
	// ErrLanguages says that it is of other languages than those asked for.
	ErrLanguages = errors.New("the file is of other languages")
)

// Text is a text of a service on its way to a translator and back.
type Text struct {
	Name   string // keys with slashes between
	Where  string // in words, for the translator
	Source string
	Target string // "" where it is not translated
	Was    string // the words it was translated from, where they were others
	Marked bool   // from a file: it holds marks beside its words, which cannot be taken
}

type document struct {
	XMLName xml.Name `xml:"xliff"`
	Space   string   `xml:"xmlns,attr"`
	Version string   `xml:"version,attr"`
	Source  string   `xml:"srcLang,attr"`
	Target  string   `xml:"trgLang,attr"`
	File    struct {
		ID       string `xml:"id,attr"`
		Original string `xml:"original,attr"`
		Preserve string `xml:"http://www.w3.org/XML/1998/namespace space,attr"`
		Units    []unit `xml:"unit"`
	} `xml:"file"`
}

type unit struct {
	ID      string `xml:"id,attr"`
	Name    string `xml:"name,attr"`
	Notes   *notes `xml:"notes"`
	Segment struct {
		State    string  `xml:"state,attr,omitempty"`
		SubState string  `xml:"subState,attr,omitempty"`
		Source   words   `xml:"source"`
		Target   *target `xml:"target"`
	} `xml:"segment"`
}

type notes struct {
	Notes []note `xml:"note"`
}

type note struct {
	Category string `xml:"category,attr"`
	Text     string `xml:",chardata"`
}

type words struct {
	Text string `xml:",chardata"`
}

type target struct {
	Text string `xml:",chardata"`
}

// Write writes the texts of a service as a file for translators.
func Write(w io.Writer, service, from, into string, texts []Text) error {
	f := document{Space: space, Version: "2.0", Source: from, Target: into}
	f.File.ID, f.File.Original, f.File.Preserve = "service", service, "preserve"
	for i, t := range texts {
		u := unit{ID: fmt.Sprint("t", i+1), Name: t.Name}
		if t.Where != "" || t.Was != "" {
			u.Notes = &notes{}
		}
		if t.Where != "" {
			u.Notes.Notes = append(u.Notes.Notes, note{"where", t.Where})
		}
		u.Segment.State, u.Segment.Source = initial, words{t.Source}
		if t.Target != "" {
			u.Segment.State, u.Segment.Target = translated, &target{t.Target}
		}
		if t.Target != "" && t.Was != "" {
			u.Segment.State, u.Segment.SubState = initial, stale
			u.Notes.Notes = append(u.Notes.Notes, note{"translated-from", t.Was})
		}
		f.File.Units = append(f.File.Units, u)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(f); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// IsXML reports whether a file is XML rather than a table.
func IsXML(source []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(source, []byte("\ufeff"))), []byte("<"))
}

// maxUnits is how many texts are read from a file; a service has fewer.
const maxUnits = 20_000

// Read reads such a file, also of a later version of XLIFF 2 and with units in groups, as tools arrange them. Segments of a
// unit are joined. Errors: ErrFormat, ErrLanguages.
func Read(source []byte, from, into string) ([]Text, error) {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(source, []byte("\ufeff"))))
	d.Strict = true
	var out []Text
	var unit *Text
	var words *string
	begun := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, ErrFormat
		}
		switch t := token.(type) {
		case xml.StartElement:
			if !begun {
				if err := root(t, from, into); err != nil {
					return nil, err
				}
				begun = true
				continue
			}
			switch t.Name.Local {
			case "unit":
				if len(out) == maxUnits {
					return nil, ErrFormat
				}
				out = append(out, Text{Name: attribute(t, "name")})
				unit = &out[len(out)-1]
			case "source":
				words = sourceOf(unit)
			case "target":
				words = targetOf(unit)
			default:
				if words != nil && unit != nil {
					unit.Marked = true
				}
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "source", "target":
				words = nil
			case "unit":
				unit = nil
			}
		case xml.CharData:
			if words != nil {
				*words += string(t)
			}
		}
	}
	if !begun {
		return nil, ErrFormat
	}
	return out, nil
}

func sourceOf(u *Text) *string {
	if u == nil {
		return nil
	}
	return &u.Source
}

func targetOf(u *Text) *string {
	if u == nil {
		return nil
	}
	return &u.Target
}

func root(e xml.StartElement, from, into string) error {
	if e.Name.Local != "xliff" || !strings.HasPrefix(e.Name.Space, "urn:oasis:names:tc:xliff:document:2") || !strings.HasPrefix(attribute(e, "version"), "2.") {
		return ErrFormat
	}
	if !strings.EqualFold(attribute(e, "srcLang"), from) || !strings.EqualFold(attribute(e, "trgLang"), into) {
		return ErrLanguages
	}
	return nil
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}
