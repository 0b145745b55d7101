package console

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// originReasons are why somebody may want to know the whole address an act came from.
var originReasons = []string{"incident", "complaint", "court"}

// auditEntry shows one entry and how it stands in the log.
func (c *Console) auditEntry(r *frame.Request) error {
	v, _, err := c.auditEntryView(r)
	if err != nil {
		return err
	}
	return r.HTML(consolePage(v))
}

func (c *Console) auditEntryView(r *frame.Request) (v pageView, e audit.View, err error) {
	id, err := r.UUID("id")
	if err != nil {
		return v, e, err
	}
	var row auditRow
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if e, err = c.deps.Audit.Entry(ctx, tx, id); err != nil {
			return err
		}
		rows, err := c.named(ctx, tx, []audit.Row{e.Row})
		if err == nil {
			row = rows[0]
		}
		return err
	})
	if err != nil {
		return v, e, err
	}
	v = view(r, c.word(r, "audit.", e.Action)).back("/console/audit", r.T("site.console.audit"))
	v.Caption = exact(r, e.At)
	v.Tag = &ui.TagView{Text: r.T("record.kind." + e.Kind), Kind: ui.Info}
	v.Facts = c.entryFacts(r, row)
	detail, err := json.MarshalIndent(e.Detail, "", "  ")
	if err != nil {
		return v, e, err
	}
	v.Sections = []section{c.proofSection(r, e), {Title: r.T("console.column.detail"), Pre: string(detail), PreLabel: r.T("record.detail.show")}}
	if e.Placed {
		v.Sections = append(v.Sections, originSection(r, id))
	}
	return v, e, nil
}

func (c *Console) entryFacts(r *frame.Request, a auditRow) []ui.Fact {
	facts := []ui.Fact{{Key: r.T("console.column.action"), Value: a.Action}}
	add := func(key, value, href string) {
		if value == "" {
			return
		}
		f := ui.Fact{Key: key, Value: value}
		if href != "" {
			f.Body = link(href, value)
		}
		facts = append(facts, f)
	}
	about := func(name string, id uuid.UUID) string {
		if id == uuid.Nil {
			return ""
		}
		return "/console/audit?" + name + "=" + id.String()
	}
	who := orText(a.Name, r.T("console.actor."+a.ActorKind))
	if a.Actor != uuid.Nil && a.Name == "" {
		who += " " + short(a.Actor.String())
	}
	add(r.T("console.column.who"), who, about("actor", a.Actor))
	if a.OnBehalf != uuid.Nil {
		key := "record.behalf.key"
		if a.ActorKind == "system" {
			key = "record.caused.key"
		}
		add(r.T(key), short(a.OnBehalf.String()), about("actor", a.OnBehalf))
	}
	if a.Person != uuid.Nil {
		add(r.T("console.field.person"), short(a.Person.String()), about("person", a.Person))
	}
	object := a.Object
	if a.ObjectID != uuid.Nil {
		object += " " + short(a.ObjectID.String())
	}
	add(r.T("console.column.object"), object, about("object_id", a.ObjectID))
	if a.Purpose != "" {
		add(r.T("console.field.purpose"), c.word(r, "audit.purpose.", a.Purpose), "")
	}
	add(r.T("console.field.reason"), a.Reason, "")
	add(r.T("console.column.network"), a.Network, "")
	if a.Request != "" {
		add(r.T("console.field.request"), short(a.Request), "/console/audit?request="+a.Request)
	}
	add(r.T("record.recorded"), exact(r, a.RecordedAt), "")
	if a.Erased {
		add(r.T("console.column.state"), r.T("record.erased.text"), "")
	}
	return facts
}

// proofSection says whether the entry is what was written, and what proves it.
func (c *Console) proofSection(r *frame.Request, e audit.View) section {
	s := section{Title: r.T("record.proof")}
	tag := ui.TagView{Text: r.T("record.proof.broken"), Kind: ui.Danger}
	switch {
	case e.Sound && e.Proof != nil:
		tag = ui.TagView{Text: r.T("record.proof.holds"), Kind: ui.Success}
		s.Text = r.T("record.proof.holds.text", "row", e.Seq, "size", e.Proof.Checkpoint.Size)
		s.Actions = []ui.ButtonView{{Label: r.T("record.proof.download"), Href: "/console/audit/" + e.ID.String() + "/proof", Icon: "download", Variant: "secondary"}}
	case e.Sound && (!e.Sequenced || e.Checkpoint == nil):
		tag = ui.TagView{Text: r.T("record.proof.waits"), Kind: ui.Neutral}
		s.Text = r.T("record.proof.waits.text")
	default:
		s.Text = r.T("record.proof.broken.text")
	}
	s.Facts = []ui.Fact{{Key: r.T("console.column.state"), Body: ui.Tag(tag)}}
	if e.Sequenced {
		s.Facts = append(s.Facts, ui.Fact{Key: r.T("record.row"), Value: strconv.FormatInt(e.Seq, 10)})
	}
	s.Facts = append(s.Facts, ui.Fact{Key: r.T("record.leaf"), Body: code64(base64.StdEncoding.EncodeToString(e.Leaf))})
	if e.Checkpoint != nil {
		s.Facts = append(s.Facts, ui.Fact{Key: r.T("record.checkpoint.first"), Body: link(
			"/console/audit/checkpoints/"+strconv.FormatInt(e.Checkpoint.Size, 10), exact(r, e.Checkpoint.SignedAt))})
	}
	return s
}

// originSection asks why the whole address is wanted.
func originSection(r *frame.Request, id uuid.UUID) section {
	reasons := []ui.Option{{Label: r.T("console.choose")}}
	for _, reason := range originReasons {
		reasons = append(reasons, ui.Option{Value: reason, Label: r.T("record.origin.reason." + reason)})
	}
	return section{Title: r.T("record.origin"), Text: r.T("record.origin.text"), Form: &formView{
		FormPage: ui.FormPage{Action: "/console/audit/" + id.String() + "/origin", Submit: r.T("record.origin.show")},
		Fields:   []field{input(r, "reason", "", options(selectField, reasons), label(r.T("record.origin.reason")))},
	}}
}

// auditOrigin shows the whole address that an act came from, and records who asked and why.
func (c *Console) auditOrigin(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	reason := posted.Get("reason")
	v, e, err := c.auditEntryView(r)
	if err != nil {
		return err
	}
	if !slices.Contains(originReasons, reason) {
		for i := range v.Sections {
			if v.Sections[i].Form != nil {
				v.Sections[i].Form.wrong("reason", r.T("record.origin.choose"))
			}
		}
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	var ip string
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		ip, err = c.deps.Audit.Origin(ctx, tx, e.ID, reason)
		return err
	})
	switch f := fault.Of(err); {
	case err == nil:
		v.Notes = []ui.NoticeView{{Kind: ui.Info, Title: r.T("record.origin.is", "address", ip), Text: r.T("record.origin.recorded")}}
	case f.Kind == fault.KindInternal && f.Code == "encryption.unreadable":
		v.Notes = []ui.NoticeView{{Kind: ui.Warning, Title: r.T("record.origin.gone")}}
	default:
		return err
	}
	return r.HTML(consolePage(v))
}

// auditProof downloads the proof of an entry (c2sp.org/tlog-proof).
func (c *Console) auditProof(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var p audit.Proof
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = c.deps.Audit.Prove(ctx, tx, id)
		return err
	})
	if err != nil {
		return err
	}
	return r.File(id.String()+".tlog-proof", "text/plain; charset=utf-8", false, []byte(p.Text()))
}
