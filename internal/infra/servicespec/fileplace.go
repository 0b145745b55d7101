package servicespec

import (
	"maps"
	"slices"
	"strings"
)

// FilePlace is where in the answers a file can go, and which files it takes.
type FilePlace struct {
	Path     string // of the question, for faults and corrections: members.2.photo
	Accept   []string
	MaxSize  int64 // bytes
	MaxFiles int

	question *question
	group    string
	row      int
	part     string // the proof of a document, or "drawing"
}

// drawingPart is where the drawing of a signature goes: signature.drawing.
const drawingPart = "drawing"

// FilePlace finds where files go: a question of kind file ("photo"), one in a row ("members.2.photo"), a proof of a document
// ("identity.passport"), a drawn signature ("signature.drawing"); ok is false where none do.
func (s *Service) FilePlace(at string) (p FilePlace, ok bool) {
	p.Path = at
	q := s.questions[at]
	if group, row, rest, inRow := splitFirst(at); q == nil && inRow {
		field, part, _ := strings.Cut(rest, ".")
		if q = s.groups[group].field(field); q == nil || row >= maxRows {
			return p, false
		}
		p.group, p.row, p.part, p.Path = group, row, part, fieldPath(group, row, field)
	} else if q == nil {
		code, part, _ := strings.Cut(at, ".")
		q, p.part, p.Path = s.questions[code], part, code
	}
	if q == nil {
		return p, false
	}
	p.question = q
	switch {
	case q.Kind == KindFile && p.part == "":
		p.Accept, p.MaxSize, p.MaxFiles = q.Accept, q.MaxSize, q.MaxFiles
		return p, true
	case q.Kind == KindSignature && p.part == drawingPart:
		p.Accept, p.MaxSize, p.MaxFiles = []string{"image/png"}, maxDrawing, 1
		return p, true
	case q.Kind == KindDocument:
		i := slices.IndexFunc(q.doc.Proofs, func(x Proof) bool { return x.Code == p.part })
		if i < 0 || q.doc.Proofs[i].Credential != "" || q.doc.Proofs[i].Lookup != "" {
			return p, false
		}
		p.Accept, p.MaxSize, p.MaxFiles = q.doc.Proofs[i].Accept, q.doc.Proofs[i].MaxSize, q.doc.Proofs[i].MaxFiles
		return p, true
	}
	return p, false
}

// splitFirst takes "members.2.rest" apart.
func splitFirst(at string) (group string, row int, rest string, ok bool) {
	parts := strings.SplitN(at, ".", 3)
	if len(parts) != 3 {
		return "", 0, "", false
	}
	group, row, _, ok = SplitPath(parts[0] + "." + parts[1] + ".x")
	return group, row, parts[2], ok
}

// PageOf returns the code of the page that asks a question, or one in its rows; "" for none.
func (s *Service) PageOf(question string) string {
	code, _, _ := strings.Cut(question, ".")
	for _, p := range s.pages {
		for _, q := range p.questions {
			if q.Code == code {
				return p.Code
			}
		}
	}
	return ""
}

// Fits reports whether the place is there: the question itself, a row that is there, or the one after the last.
func (p FilePlace) Fits(a Answers) bool {
	rows, _ := a[p.group].(Rows)
	return p.group == "" || p.row <= len(rows)
}

// answer returns the answer that the files belong to.
func (p FilePlace) answer(a Answers) any {
	if p.group == "" {
		return a[p.question.Code]
	}
	rows, _ := a[p.group].(Rows)
	if p.row >= len(rows) {
		return nil
	}
	return rows[p.row][p.question.Code]
}

// files returns the files that are there already. Another proof's, and a drawing, make way for new ones.
func (p FilePlace) files(a Answers) []File {
	switch x := p.answer(a).(type) {
	case []File:
		return x
	case Evidence:
		if x.Proof == p.part {
			return x.Files
		}
	}
	return nil
}

// Files returns the files at the place.
func (p FilePlace) Files(a Answers) []File {
	if s, ok := p.answer(a).(Signature); ok && s.Drawing != nil {
		return []File{*s.Drawing}
	}
	return p.files(a)
}

// Put returns answers with other files at the place; with none the answer goes. Where one file is taken at most, a new one
// takes the place of the old. A row that is not there yet begins with the file.
func (p FilePlace) Put(a Answers, files []File) Answers {
	var v any
	switch p.question.Kind {
	case KindFile:
		v = slices.Clone(files)
	case KindDocument:
		v = Evidence{Proof: p.part, Files: slices.Clone(files)}
	case KindSignature:
		s, _ := p.answer(a).(Signature)
		if s.Drawing = nil; len(files) > 0 {
			s.Drawing = &files[0]
		}
		v = s
	}
	out := maps.Clone(a)
	if out == nil {
		out = Answers{}
	}
	if p.group == "" {
		put(out, p.question.Code, v)
		return out
	}
	rows, _ := out[p.group].(Rows)
	rows = slices.Clone(rows)
	if p.row > len(rows) {
		return a
	}
	if p.row == len(rows) {
		rows = append(rows, Answers{})
	}
	row := maps.Clone(rows[p.row])
	put(row, p.question.Code, v)
	rows[p.row] = row
	out[p.group] = rows
	return out
}

func put(a Answers, code string, v any) {
	if e, isEvidence := v.(Evidence); empty(v) || isEvidence && len(e.Files) == 0 {
		delete(a, code)
		return
	}
	a[code] = v
}
