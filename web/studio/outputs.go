package studio

import (
	"bytes"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/certificate"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pdf"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/web/frame"
	"digit/web/ui"
)

func certificateKey(list []servicespec.Certificate, i int) string { return list[i].Type }

func letterKey(list []servicespec.Letter, i int) string { return list[i].Code }

func recordKey(list []servicespec.Record, i int) string { return list[i].Registry }

func (s *Studio) certificatesPart() part {
	sh := shelve("certificate", "certificates", func(p *servicespec.Pack) *[]servicespec.Certificate { return &p.Certificates }, certificateKey,
		func(p *servicespec.Pack, code string, called i18n.Text) servicespec.Certificate {
			c := servicespec.Certificate{Type: code, Title: called, Body: i18n.Text{p.Languages[0]: "{holder}"}}
			c.Claims = []servicespec.Claim{{Name: "holder", Label: called, From: "holder"}}
			return c
		}, func(x *servicespec.Certificate, code string) { x.Type = code })
	sh.names = servicespec.NamesCertificate
	sh.label = func(r *frame.Request, d *desk, k string) (string, string) {
		if x := find(d.Pack.Certificates, certificateKey, k); x != nil {
			return s.say(r, d, x.Title, k), s.sentence(r, d, r.T("studio.output.when"), x.When, "certificates.0.when")
		}
		return k, ""
	}
	sh.fields, sh.take = s.certificateFields, s.takeCertificate
	return part{
		code: "certificates", icon: "file-check", group: "output", areas: []string{"certificates"}, spot: shelfSpot(sh), posts: s.shelfPosts(sh),
		gets: []action{{path: "/preview", do: s.certificatePDF}},
		show: func(r *frame.Request, d *desk) error {
			return s.showShelf(r, d, sh, previewLinks(s.previews(r, d, sh)))
		},
	}
}

// previews are links to the chosen thing as a PDF, one for each language.
func (s *Studio) previews(r *frame.Request, d *desk, sh shelf) []ui.ButtonView {
	key, _ := s.chosen(r, d, sh)
	if key == "" {
		return nil
	}
	var out []ui.ButtonView
	for _, lang := range d.Pack.Languages {
		out = append(out, ui.ButtonView{
			Label: r.T("studio.output.pdf", "language", s.language(lang)), Href: d.here("/preview") + sh.query(key) + "&in=" + lang, Icon: "eye", Variant: "secondary",
		})
	}
	return out
}

func (s *Studio) certificateFields(r *frame.Request, d *desk, key, path string) []field {
	c := find(d.Pack.Certificates, certificateKey, key)
	out := s.text(r, d, "cert_title", c.Title, path+".title")
	var names []string
	for _, claim := range c.Claims {
		names = append(names, "{"+claim.Name+"}")
	}
	out = append(out, s.text(r, d, "cert_body", c.Body, path+".body", long, hint(r.T("studio.output.fields")+" "+strings.Join(append(names, "{reference}", "{holder}", "{issued_on}"), " ")))...)
	out = append(out,
		s.claims(r, d, "claims", c.Claims, true),
		s.rule(r, d, "cert_when", c.When, path+".when", ruleSubject{Path: []string{"certificates", key, "when"}}),
		input(r, "cert_days", d.value("cert_days", numberText(int64(c.ValidDays))), optional, digits, hint(r.T("studio.output.days.hint"))),
		s.rule(r, d, "cert_until", c.ValidUntil, path+".valid_until", ruleSubject{Path: []string{"certificates", key, "valid_until"}, Want: "date"}),
		input(r, "cert_number", d.value("cert_number", c.Number), optional, code, hint(r.T("studio.output.number.hint"))),
	)
	return out
}

// claims is the table of what a certificate, or an entry in a register, says.
func (s *Studio) claims(r *frame.Request, d *desk, name string, list []servicespec.Claim, leave bool) field {
	var rows [][]string
	for _, c := range list {
		rows = append(rows, []string{c.Name, c.Label[d.lang()], c.From, map[bool]string{true: "yes"}[c.Disclosable]})
	}
	columns := []gridColumn{
		{Name: "name", Label: r.T("studio.col.code"), Code: true}, {Name: "label", Label: r.T("studio.col.claim")}, {Name: "from", Label: r.T("studio.col.says"), Code: true},
	}
	if leave {
		columns = append(columns, gridColumn{Name: "leave", Label: r.T("studio.col.leave"), Options: []ui.Option{{Value: "yes", Label: r.T("answer.yes")}}})
	}
	return d.grid(gridView{Name: name, Label: r.T("studio.field.claims"), Hint: r.T("studio.output.claims.hint"), Columns: columns, Values: rows})
}

func claimsOf(posted url.Values, name, lang string, was []servicespec.Claim) []servicespec.Claim {
	var out []servicespec.Claim
	for _, row := range gridRows(posted, name) {
		c := servicespec.Claim{Name: row["name"], From: row["from"], Disclosable: row["leave"] == "yes"}
		if c.Name == "" {
			c.Name = identifier(row["label"])
		}
		if before := find(was, func(l []servicespec.Claim, i int) string { return l[i].Name }, c.Name); before != nil {
			c.Label = *deep(&before.Label)
		}
		c.Label = reworded(c.Label, lang, row["label"])
		out = append(out, c)
	}
	return out
}

func (s *Studio) takeCertificate(r *frame.Request, posted url.Values, p *servicespec.Pack, key string) error {
	c := find(p.Certificates, certificateKey, key)
	t := &feeTaker{r: r, posted: posted}
	c.Title, c.Body = textOf(posted, "cert_title", c.Title), textOf(posted, "cert_body", c.Body)
	c.Claims = claimsOf(posted, "claims", p.Languages[0], c.Claims)
	c.When, c.ValidDays, c.ValidUntil, c.Number = trimmed(posted, "cert_when"), int(t.whole("cert_days")), trimmed(posted, "cert_until"), trimmed(posted, "cert_number")
	if len(t.wrong) > 0 {
		return refused(t.wrong...)
	}
	return nil
}

// certificatePDF shows a certificate as it will be printed, with sample answers, by what prints the real ones.
func (s *Studio) certificatePDF(r *frame.Request, d *desk) error {
	c := find(d.Pack.Certificates, certificateKey, r.Query("certificate"))
	if c == nil {
		return fault.NotFound("page.not_found")
	}
	lang := r.Query("in")
	if !slices.Contains(d.Pack.Languages, lang) {
		lang = d.lang()
	}
	agency, err := s.agencyName(r, d.Agency)
	if err != nil {
		return err
	}
	fields := s.samples(r, d, lang)
	sample := certificate.Credential{
		Type: c.Type, Number: r.T("studio.sample.number"), AgencyName: agency, Title: i18n.Text{lang: c.Title.In(lang, d.lang())}, Lang: lang,
		IssuedAt: r.Now, Reference: fields["reference"],
	}
	for _, claim := range c.Claims {
		shown := fields[claim.From]
		if shown == "" {
			shown = fields["claim"]
		}
		fields[claim.Name] = shown
		sample.Claims = append(sample.Claims, certificate.Claim{Name: claim.Name, Label: i18n.Text{lang: claim.Label.In(lang, d.lang())}, Shown: shown})
	}
	sample.Body = i18n.Text{lang: servicespec.Fill(c.Body.In(lang, d.lang()), fields)}
	if c.ValidDays > 0 {
		until := r.Now.AddDate(0, 0, c.ValidDays)
		sample.ExpiresAt = &until
	}
	var file bytes.Buffer
	if err := s.deps.Certificates.Specimen(&file, sample, r.PublicURL()+"/verify/sample", r.Settings.Location(), r.Texts()); err != nil {
		return err
	}
	return r.File(c.Type+".pdf", "application/pdf", true, file.Bytes())
}

func (s *Studio) agencyName(r *frame.Request, code string) (name i18n.Text, err error) {
	return name, r.Read(func(ctx context.Context, tx *pg.Tx) error {
		list, err := s.deps.Agencies.Agencies(ctx, tx)
		for _, a := range list {
			if a.Code == code {
				name = a.Name
			}
		}
		return err
	})
}

// samples are values for merge fields: made up, so that nobody's data is in a preview.
func (s *Studio) samples(r *frame.Request, d *desk, lang string) map[string]string {
	say := func(key string) string { return s.deps.Texts.T(lang, key, nil) }
	out := map[string]string{
		"service": d.Pack.Name.In(lang, d.lang()), "link": r.PublicURL() + "/r/A1B2C3", "reference": say("studio.sample.reference"), "name": say("studio.sample.name"),
		"holder": say("studio.sample.name"), "amount": i18n.FormatMoney(lang, money.Amount{Minor: 250000, Currency: r.Settings.Currency}), "promised": i18n.FormatDateLong(lang, r.Now.AddDate(0, 0, 7), r.Settings.Location()),
		"comment": say("studio.sample.comment"), "receipt": say("studio.sample.receipt"), "certificate": say("studio.sample.number"), "claim": say("studio.sample.claim"),
	}
	today := i18n.FormatDate(lang, r.Now, r.Settings.Location())
	for _, name := range []string{"issued_on", "decided_on", "submitted_on", "valid_until"} {
		out[name] = today
	}
	if states := d.Pack.Workflow.States; len(states) > 0 {
		out["state"] = states[0].Name.In(lang, d.lang())
	}
	for _, pg := range d.Pack.Form.Pages {
		for i := range pg.Questions {
			q := &pg.Questions[i]
			out[q.Code] = sampleAnswer(q, lang, d.lang(), say, today)
			out[q.Code+"_label"] = out[q.Code]
		}
	}
	return out
}

// sampleAnswer makes up an answer to a question.
func sampleAnswer(q *servicespec.Question, lang, fallback string, say func(string) string, today string) string {
	switch q.Kind {
	case servicespec.KindName:
		return say("studio.sample.name")
	case servicespec.KindDate, servicespec.KindMonth:
		return today
	case servicespec.KindNumber:
		return "3"
	case servicespec.KindMoney:
		return "1500"
	case servicespec.KindYesNo, servicespec.KindDeclaration:
		return say("answer.yes")
	case servicespec.KindChoice, servicespec.KindChoices:
		if len(q.Options) > 0 {
			return q.Options[0].Label.In(lang, fallback)
		}
	}
	return say("studio.sample.claim")
}

func (s *Studio) lettersPart() part {
	sh := shelve("letter", "letters", func(p *servicespec.Pack) *[]servicespec.Letter { return &p.Letters }, letterKey,
		func(_ *servicespec.Pack, code string, called i18n.Text) servicespec.Letter {
			return servicespec.Letter{Code: code, Title: called, Body: i18n.Text{}}
		}, func(x *servicespec.Letter, code string) { x.Code = code })
	sh.names = servicespec.NamesLetter
	sh.label = func(r *frame.Request, d *desk, k string) (string, string) {
		if x := find(d.Pack.Letters, letterKey, k); x != nil {
			return s.say(r, d, x.Title, k), s.sentence(r, d, r.T("studio.output.when"), x.When, "letters.0.when")
		}
		return k, ""
	}
	sh.fields = func(r *frame.Request, d *desk, k, path string) []field {
		x := find(d.Pack.Letters, letterKey, k)
		out := append(s.text(r, d, "letter_title", x.Title, path+".title"), s.text(r, d, "letter_body", x.Body, path+".body", long)...)
		return append(out, s.mergeFields(r, d), s.rule(r, d, "letter_when", x.When, path+".when", ruleSubject{Path: []string{"letters", k, "when"}}),
			input(r, "letter_number", d.value("letter_number", x.Number), optional, code, hint(r.T("studio.output.number.hint"))))
	}
	sh.take = func(_ *frame.Request, posted url.Values, p *servicespec.Pack, k string) error {
		x := find(p.Letters, letterKey, k)
		x.Title, x.Body = textOf(posted, "letter_title", x.Title), textOf(posted, "letter_body", x.Body)
		x.When, x.Number = trimmed(posted, "letter_when"), trimmed(posted, "letter_number")
		return nil
	}
	return part{
		code: "letters", icon: "mail", group: "output", areas: []string{"letters"}, spot: shelfSpot(sh), posts: s.shelfPosts(sh),
		gets: []action{{path: "/preview", do: s.letterPDF}},
		show: func(r *frame.Request, d *desk) error {
			return s.showShelf(r, d, sh, previewLinks(s.previews(r, d, sh)))
		},
	}
}

// letterPDF shows a letter on paper, with sample answers.
func (s *Studio) letterPDF(r *frame.Request, d *desk) error {
	x := find(d.Pack.Letters, letterKey, r.Query("letter"))
	if x == nil {
		return fault.NotFound("page.not_found")
	}
	lang := r.Query("in")
	if !slices.Contains(d.Pack.Languages, lang) {
		lang = d.lang()
	}
	agency, err := s.agencyName(r, d.Agency)
	if err != nil {
		return err
	}
	fields := s.samples(r, d, lang)
	title := servicespec.Fill(x.Title.In(lang, d.lang()), fields)
	doc := pdf.New(pdf.Meta{Title: title, Author: agency.In(lang, d.lang()), Language: lang, Created: r.Now})
	doc.Paragraph(agency.In(lang, d.lang()), pdf.Style{Size: 11, Bold: true})
	doc.Paragraph(fields["name"]+"\n"+i18n.FormatDate(lang, r.Now, r.Settings.Location()), pdf.Style{Size: 11})
	doc.Space(10)
	doc.Heading(title, 1)
	for _, paragraph := range strings.Split(servicespec.Fill(x.Body.In(lang, d.lang()), fields), "\n") {
		if paragraph = strings.TrimSpace(paragraph); paragraph != "" {
			doc.Paragraph(paragraph, pdf.Style{})
		}
	}
	var file bytes.Buffer
	if _, err := doc.WriteTo(&file); err != nil {
		return err
	}
	return r.File(x.Code+".pdf", "application/pdf", true, file.Bytes())
}

// mergeFields offers what texts may say of a case, folded away.
func (s *Studio) mergeFields(r *frame.Request, d *desk) field {
	var names []ui.Fact
	for _, name := range servicespec.NoticeFields {
		names = append(names, ui.Fact{Key: "{" + name + "}", Value: r.T("studio.merge." + name)})
	}
	for _, pg := range d.Pack.Form.Pages {
		for _, q := range pg.Questions {
			if q.Kind != servicespec.KindInfo && q.Sensitivity != "special" {
				names = append(names, ui.Fact{Key: "{" + q.Code + "}", Value: s.say(r, d, q.Label, q.Code)})
			}
		}
	}
	f := field{Kind: factsField, Facts: names}
	f.Label = r.T("studio.merge")
	return f
}

func (s *Studio) recordsPart() part {
	sh := shelve("record", "records", func(p *servicespec.Pack) *[]servicespec.Record { return &p.Records }, recordKey,
		func(_ *servicespec.Pack, code string, _ i18n.Text) servicespec.Record {
			return servicespec.Record{Registry: code, Key: "reference"}
		}, func(x *servicespec.Record, code string) { x.Registry = code })
	sh.label = func(r *frame.Request, d *desk, k string) (string, string) {
		if x := find(d.Pack.Records, recordKey, k); x != nil {
			return k, s.sentence(r, d, r.T("studio.output.when"), x.When, "records.0.when")
		}
		return k, ""
	}
	sh.fields = func(r *frame.Request, d *desk, k, path string) []field {
		x := find(d.Pack.Records, recordKey, k)
		mode := x.Mode
		if mode == "" {
			mode = servicespec.ModeWrite
		}
		return []field{
			input(r, "record_mode", "", options(radioField, choose(r, "studio.record.", d.value("record_mode", mode), servicespec.ModeWrite, servicespec.ModeUpdate))),
			s.rule(r, d, "record_key", x.Key, path+".key", ruleSubject{Path: []string{"records", k, "key"}, Want: "text"}, hint(r.T("studio.output.key.hint"))),
			s.claims(r, d, "entries", x.Fields, false),
			s.rule(r, d, "record_when", x.When, path+".when", ruleSubject{Path: []string{"records", k, "when"}}),
		}
	}
	sh.take = func(_ *frame.Request, posted url.Values, p *servicespec.Pack, k string) error {
		x := find(p.Records, recordKey, k)
		x.Mode, x.Key, x.When = usual(posted.Get("record_mode"), servicespec.ModeWrite), trimmed(posted, "record_key"), trimmed(posted, "record_when")
		x.Fields = claimsOf(posted, "entries", p.Languages[0], x.Fields)
		return nil
	}
	return part{
		code: "records", icon: "landmark", group: "output", areas: []string{"records"}, spot: shelfSpot(sh), posts: s.shelfPosts(sh),
		show: func(r *frame.Request, d *desk) error { return s.showShelf(r, d, sh, nil) },
	}
}

func documentKey(list []servicespec.Document, i int) string { return list[i].Code }

func (s *Studio) documentsPart() part {
	sh := shelve("document", "documents", func(p *servicespec.Pack) *[]servicespec.Document { return &p.Documents }, documentKey,
		func(_ *servicespec.Pack, code string, called i18n.Text) servicespec.Document {
			return servicespec.Document{Code: strings.ReplaceAll(code, "-", "_"), Name: called}
		}, func(x *servicespec.Document, code string) { x.Code = strings.ReplaceAll(code, "-", "_") })
	sh.names = servicespec.NamesQuestion
	sh.label = func(r *frame.Request, d *desk, k string) (string, string) {
		x := find(d.Pack.Documents, documentKey, k)
		if x == nil {
			return k, ""
		}
		sub := s.sentence(r, d, r.T("studio.document.when"), x.When, "documents.0.when")
		if x.Optional {
			sub = strings.TrimPrefix(sub+"; "+r.T("studio.document.optional"), "; ")
		}
		return s.say(r, d, x.Name, k), sub
	}
	sh.fields, sh.take = s.documentFields, s.takeDocument
	return part{
		code: "documents", icon: "paperclip", group: "design", areas: []string{"documents"}, spot: shelfSpot(sh), posts: s.shelfPosts(sh),
		show: func(r *frame.Request, d *desk) error { return s.showShelf(r, d, sh, nil) },
	}
}

func (s *Studio) documentFields(r *frame.Request, d *desk, k, path string) []field {
	x := find(d.Pack.Documents, documentKey, k)
	out := append(s.text(r, d, "doc_name", x.Name, path+".name"), s.text(r, d, "doc_hint", x.Hint, path+".hint", optional)...)
	var rows [][]string
	for _, p := range x.Proofs {
		size := ""
		if p.MaxSize > 0 {
			size = strconv.FormatInt(p.MaxSize>>20, 10)
		}
		rows = append(rows, []string{p.Name[d.lang()], strings.Join(p.Accept, ", "), size, p.Credential, p.Code})
	}
	return append(out,
		s.rule(r, d, "doc_when", x.When, path+".when", ruleSubject{Path: []string{"documents", k, "when"}}),
		box(r, "doc_optional", d.checked("doc_optional", x.Optional)),
		input(r, "doc_sensitivity", "", options(radioField, choose(r, "studio.privacy.", d.value("doc_sensitivity", x.Sensitivity), "", "personal", "special"))),
		d.grid(gridView{Name: "proofs", Label: r.T("studio.field.proofs"), Hint: r.T("studio.document.proofs.hint"), Values: rows, Columns: []gridColumn{
			{Name: "name", Label: r.T("studio.col.proof")},
			{Name: "accept", Label: r.T("studio.col.accept"), Code: true},
			{Name: "size", Label: r.T("studio.col.max_size"), InputMode: "numeric"},
			{Name: "credential", Label: r.T("studio.col.credential"), Code: true},
			{Name: "code", Label: r.T("studio.col.code"), Code: true},
		}}))
}

func (s *Studio) takeDocument(_ *frame.Request, posted url.Values, p *servicespec.Pack, k string) error {
	x := find(p.Documents, documentKey, k)
	x.Name, x.Hint = textOf(posted, "doc_name", x.Name), textOf(posted, "doc_hint", x.Hint)
	x.When, x.Optional, x.Sensitivity = trimmed(posted, "doc_when"), posted.Has("doc_optional"), posted.Get("doc_sensitivity")
	var proofs []servicespec.Proof
	var codes []string
	for _, row := range gridRows(posted, "proofs") {
		proof := servicespec.Proof{Code: row["code"]}
		if proof.Code == "" {
			proof.Code = unused(identifier(row["name"]), codes)
		}
		if was := find(x.Proofs, func(l []servicespec.Proof, i int) string { return l[i].Code }, proof.Code); was != nil {
			proof = *deep(was)
		}
		proof.Name, proof.Accept, proof.Credential, proof.MaxSize = reworded(proof.Name, p.Languages[0], row["name"]), words(row["accept"]), row["credential"], 0
		if row["size"] != "" {
			n, err := strconv.ParseInt(row["size"], 10, 32)
			if err != nil || n < 1 {
				return refused(fault.Field{Path: "proofs", Code: "studio.number"})
			}
			proof.MaxSize = n << 20
		}
		proofs, codes = append(proofs, proof), append(codes, proof.Code)
	}
	x.Proofs = proofs
	return nil
}
