package field

import (
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
)

// Answers to a point of a checklist.
const (
	Yes = "yes"
	No  = "no"
)

// What the files of a visit are, where they are no document that the action asks for.
const (
	Photo     = "photo"
	Signature = "signature"
)

// Report is what an officer found on a visit. Checklist holds the points by code; Answers are to the action's questions, as a form
// posts them; Reasons, Items and Comment go with the action as at a desk. Present is who was there, by name. Files are uploads.
type Report struct {
	Checklist map[string]Point    `json:"checklist,omitempty"`
	Answers   map[string][]string `json:"answers,omitempty"`
	Reasons   []string            `json:"reasons,omitempty"`
	Items     []string            `json:"items,omitempty"`
	Comment   string              `json:"comment,omitempty"`
	Remark    string              `json:"remark,omitempty"` // for colleagues alone
	Present   string              `json:"present,omitempty"`
	Position  *Position           `json:"position,omitempty"`
	Files     []Attached          `json:"files,omitempty"`
}

// Point is what was found about a point of the checklist: Yes, No or "", and a remark.
type Point struct {
	Answer string `json:"answer,omitempty"`
	Remark string `json:"remark,omitempty"`
}

// Position is where the device was, in degrees of WGS 84, to how many metres, and when on its clock.
type Position struct {
	Latitude  float64   `json:"lat"`
	Longitude float64   `json:"lng"`
	Accuracy  float64   `json:"accuracy"`
	At        time.Time `json:"at"`
}

// Attached is a file that was sent before the report.
type Attached struct {
	Upload uuid.UUID `json:"upload"`
	Code   string    `json:"code"`
}

// The bounds of a report.
const (
	maxWords  = 4000
	mostFiles = 20
	mostParts = 500
)

// check refuses what no device of ours sends. Errors: ErrReport.
func (r Report) check() error {
	bad := func(path string) error { return ErrReport.WithFields(fault.Field{Path: path, Code: ErrReport.Code}) }
	long := func(text string) bool { return utf8.RuneCountInString(text) > maxWords }
	switch {
	case long(r.Comment):
		return bad("comment")
	case long(r.Remark):
		return bad("remark")
	case long(r.Present):
		return bad("present")
	case len(r.Files) > mostFiles:
		return bad("files")
	case len(r.Checklist)+len(r.Answers)+len(r.Reasons)+len(r.Items) > mostParts:
		return bad("answers")
	}
	for code, p := range r.Checklist {
		if !slices.Contains([]string{"", Yes, No}, p.Answer) || long(p.Remark) {
			return bad("checklist." + code)
		}
	}
	if p := r.Position; p != nil && (p.Latitude < -90 || p.Latitude > 90 || p.Longitude < -180 || p.Longitude > 180 || p.Accuracy < 0) {
		return bad("position")
	}
	return nil
}

// ticked are the points of the checklist that hold.
func (r Report) ticked() (codes []string) {
	for code, p := range r.Checklist {
		if p.Answer == Yes {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return codes
}

func decodeReport(plain []byte) (r Report, err error) {
	err = json.Unmarshal(plain, &r)
	return r, err
}
