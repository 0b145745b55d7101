package form

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"digit/internal/infra/servicespec"
	"digit/web/ui"
)

// field returns the question as the design system's field.
func (v View) field(ctx context.Context, i item) ui.Field {
	f := ui.Field{
		Name: i.name, Label: i.Text(i.Label, v.Lang, v.Words), Hint: i.Text(i.Hint, v.Lang, v.Words), Error: v.Errors[i.name],
		Optional: i.Optional, Value: i.one(""), Rows: i.Lines, Source: v.source(ctx, i),
	}
	if f.Hint == "" {
		f.Hint = v.Purposes[i.name]
	}
	if i.Kind == servicespec.KindLongText {
		f.MaxLength = i.MaxLength
	}
	if v.single() && !i.cell {
		f.Heading, f.Caption = true, v.Caption
	}
	v.manner(i, &f)
	f.Options = v.options(i)
	return f
}

// manner sets how an answer of the kind is typed.
func (v View) manner(i item, f *ui.Field) {
	switch i.Kind {
	case servicespec.KindEmail:
		f.Type, f.Autocomplete, f.NoSpellcheck = "email", "email", true
	case servicespec.KindPhone:
		f.Type, f.Autocomplete, f.Width = "tel", "tel", "20"
	case servicespec.KindNumber:
		f.InputMode, f.Width, f.Suffix = "numeric", "10", i.Unit
		if i.Places > 0 {
			f.InputMode = "decimal"
		}
	case servicespec.KindMoney:
		f.InputMode, f.Width, f.Suffix = "decimal", "10", v.Facts.Currency
	case servicespec.KindID:
		f.Code, f.NoSpellcheck, f.Width = true, true, "20"
		if slices.Contains(digitsOnly, i.Scheme) {
			f.InputMode = "numeric"
		}
	case servicespec.KindTime:
		f.Type, f.Width = "time", "10"
	case servicespec.KindName:
		if i.Prefill == "profile.name" {
			f.Autocomplete = "name"
		}
		f.NoSpellcheck = true
	case servicespec.KindDate:
		f.Day, f.Month, f.Year = i.one(".day"), i.one(".month"), i.one(".year")
	case servicespec.KindMonth:
		f.NoDay, f.Month, f.Year = true, i.one(".month"), i.one(".year")
	case servicespec.KindYesNo:
		f.Inline = true
	}
}

// digitsOnly are the schemes whose numbers are typed on a keyboard of digits.
var digitsOnly = []string{"luhn", "verhoeff", "mod11", "nif_pt", "nif_cv"}

// source says where an answer was filled in from, as long as it stands there unchanged.
func (v View) source(ctx context.Context, i item) string {
	if v.Posted != nil {
		return ""
	}
	kind, _, _ := strings.Cut(v.Sources[i.Code], ".")
	switch kind {
	case "profile":
		return ui.T(ctx, "form.source.profile")
	case "subject":
		return ui.T(ctx, "form.source.subject")
	case "wallet":
		return ui.T(ctx, "form.source.wallet")
	case "lookup":
		return ui.T(ctx, "form.source.lookup")
	}
	return ""
}

// options returns the answers to choose from, the chosen ones marked.
func (v View) options(i item) []ui.Option {
	var out []ui.Option
	switch {
	case i.Kind == servicespec.KindBoundary:
		out = slices.Clone(v.Areas[AreaList{i.Level, v.root(i)}])
	case i.RefData != "":
		of := ""
		if i.Of != "" {
			of = v.answer(i.Of)
		}
		for _, c := range v.Codes[i.RefData] {
			if i.Of == "" || c.Of == of && of != "" {
				out = append(out, ui.Option{Value: c.Code, Label: c.Label})
			}
		}
	default:
		for _, o := range i.Options {
			out = append(out, ui.Option{Value: o.Code, Label: v.text(o.Label), Hint: v.text(o.Hint), Or: o.Alone && len(out) > 0, Alone: o.Alone})
		}
	}
	chosen := i.values[i.name]
	for n := range out {
		out[n].Checked = slices.Contains(chosen, out[n].Value)
	}
	return out
}

// answer returns what stands for an earlier question that choices depend on: in the same row, on this page, or before it.
func (v View) answer(question string) string {
	for _, name := range []string{v.Prefix + question, question} {
		if v.Posted.Has(name) {
			return v.Posted.Get(name)
		}
	}
	for _, q := range v.Page.Questions {
		if q.Code == question {
			return code(q.Value)
		}
	}
	return code(v.Answers[question])
}

func code(v any) string {
	s, _ := v.(string)
	return s
}

// waits reports whether the question cannot be answered before the earlier one that it depends on.
func (v View) waits(i item) bool { return i.Of != "" && v.answer(i.Of) == "" }

// yesNo returns the two answers of a yes-or-no question in words.
func yesNo(f ui.Field, yes, no string) ui.Field {
	f.Options = []ui.Option{
		{Value: "yes", Label: yes, Checked: f.Value == "yes"}, {Value: "no", Label: no, Checked: f.Value == "no"},
	}
	return f
}

// manyOptions is from how many answers on a list is better than buttons.
const manyOptions = 8

// part is an input of a question that has several: under the question's legend, with a label of its own.
func (v View) part(i item, part, label string, first bool) ui.Field {
	f := ui.Field{Name: i.name + part, ID: i.name + strings.ReplaceAll(part, ".", "-"), Label: label, Value: i.one(part)}
	if first { // the error summary leads here
		f.ID = i.name
	}
	return f
}

// nameParts asks for a name in the order in which people write it.
func (v View) nameParts(ctx context.Context, i item) []ui.Field {
	var out []ui.Field
	for n, p := range i.Parts {
		f := v.part(i, "."+p, ui.T(ctx, "form.name."+p), n == 0)
		f.NoSpellcheck = true
		if i.Prefill == "profile.name" {
			f.Autocomplete = map[string]string{servicespec.PartGiven: "given-name", servicespec.PartFamily: "family-name"}[p]
		}
		out = append(out, f)
	}
	return out
}

// pointParts asks for a place in degrees.
func (v View) pointParts(ctx context.Context, i item) []ui.Field {
	lat, lng := v.part(i, ".lat", ui.T(ctx, "form.point.lat"), true), v.part(i, ".lng", ui.T(ctx, "form.point.lng"), false)
	lat.InputMode, lat.Width, lng.InputMode, lng.Width = "text", "10", "text", "10"
	return []ui.Field{lat, lng}
}

// upload returns a file question with the files given so far.
func (v View) upload(ctx context.Context, i item) ui.Field {
	f := v.field(ctx, i)
	files, _ := i.Value.([]servicespec.File)
	v.takes(&f, i.name, i.Accept, i.MaxFiles, files)
	return f
}

// takes makes a field one for files.
func (v View) takes(f *ui.Field, place string, accept []string, most int, files []servicespec.File) {
	f.Multiple, f.Accept = most > 1, strings.Join(accept, ",")
	if v.Live() {
		f.Attrs = map[string]any{"hx-preserve": "true"}
	}
	f.Earlier = v.Earlier[place]
	for _, file := range files {
		f.Files = append(f.Files, v.fileItem(place, file))
	}
}

func (v View) fileItem(place string, file servicespec.File) ui.FileItem {
	var item ui.FileItem
	if v.File != nil {
		item = v.File(place, file)
	}
	item.Name, item.Size = file.Name, Size(file.Size)
	return item
}

// signature asks to sign.
func (v View) signature(ctx context.Context, i item) ui.SignatureView {
	f := v.field(ctx, i)
	s := ui.SignatureView{Field: f, Full: ui.T(ctx, "form.sign.name"), DrawingName: i.name + drawing, ClearName: i.name + ".clear"}
	if given, _ := i.Value.(servicespec.Signature); given.Drawing != nil {
		item := v.fileItem(i.name+drawing, *given.Drawing)
		item.Name, item.RemoveHref, s.Drawing = ui.T(ctx, "form.sign.drawing"), "", &item
	}
	return s
}

// proofs asks what proves a document; each way that takes something shows where it is given.
func (v View) proofs(ctx context.Context, i item) ui.Field {
	f := v.field(ctx, i)
	given, _ := i.Value.(servicespec.Evidence)
	chosen := i.one("")
	if chosen == "" && len(i.Document.Proofs) == 1 {
		chosen = i.Document.Proofs[0].Code
	}
	f.Options = nil
	for _, p := range i.Document.Proofs {
		o := ui.Option{Value: p.Code, Label: v.text(p.Name), Checked: chosen == p.Code}
		switch {
		case p.Lookup != "":
			o.Hint = ui.T(ctx, "form.proof.lookup")
		case p.Credential != "":
			o.Reveal = v.credential(ctx, i, p)
		default:
			o.Reveal = ui.FileUpload(v.proofFiles(ctx, i, p, given))
		}
		f.Options = append(f.Options, o)
	}
	return f
}

// proofFiles asks for the files of one proof.
func (v View) proofFiles(ctx context.Context, i item, p servicespec.Proof, given servicespec.Evidence) ui.Field {
	f := v.part(i, "."+p.Code, ui.T(ctx, "form.proof.file"), false)
	f.Hint, f.Value = v.fileHint(ctx, p.Accept, p.MaxSize), ""
	var files []servicespec.File
	if given.Proof == p.Code {
		files = given.Files
	}
	v.takes(&f, f.Name, p.Accept, p.MaxFiles, files)
	return f
}

// onlyFile returns the field of a document that is proved by files alone, which need not be chosen first.
func (v View) onlyFile(ctx context.Context, i item) (ui.Field, bool) {
	proofs := i.Document.Proofs
	if len(proofs) != 1 || proofs[0].Credential != "" || proofs[0].Lookup != "" {
		return ui.Field{}, false
	}
	given, _ := i.Value.(servicespec.Evidence)
	f := v.field(ctx, i)
	f.Name, f.ID, f.Value = i.name+"."+proofs[0].Code, i.name, ""
	if f.Hint == "" {
		f.Hint = v.fileHint(ctx, proofs[0].Accept, proofs[0].MaxSize)
	}
	v.takes(&f, f.Name, proofs[0].Accept, proofs[0].MaxFiles, given.Files)
	return f, true
}

// fileHint says which files are taken.
func (v View) fileHint(ctx context.Context, accept []string, most int64) string {
	var kinds []string
	for _, a := range accept {
		switch {
		case a == "application/pdf":
			kinds = append(kinds, "PDF")
		case a == "image/*":
			kinds = append(kinds, "JPG", "PNG")
		case strings.HasPrefix(a, "image/"):
			kinds = append(kinds, strings.ToUpper(strings.Replace(strings.TrimPrefix(a, "image/"), "jpeg", "jpg", 1)))
		}
	}
	return ui.T(ctx, "form.file.hint", "kinds", strings.Join(kinds, ", "), "size", Size(most))
}

// Size writes a number of bytes as people do.
func Size(n int64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d kB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}

// lines asks for the street and what else leads to a place.
func (v View) lines(ctx context.Context, i item) ui.Field {
	f := v.part(i, ".lines", ui.T(ctx, "form.address.lines"), len(i.Levels) == 0)
	f.Hint, f.Rows, f.Autocomplete = ui.T(ctx, "form.address.hint"), i.Lines, "street-address"
	return f
}

// credential asks which document of the wallet is shown.
func (v View) credential(ctx context.Context, i item, p servicespec.Proof) templ.Component {
	f := v.part(i, ".credential", ui.T(ctx, "form.proof.credential"), false)
	for _, o := range v.Wallet[p.Credential] {
		o.Checked = o.Value == i.one(".credential")
		f.Options = append(f.Options, o)
	}
	return credentialList(f)
}
