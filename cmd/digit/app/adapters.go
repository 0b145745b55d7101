package app

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/quota"
	"digit/internal/infra/refdata"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/tenancy"
	"digit/internal/provider/agency"
	"digit/internal/provider/catalog"
	"digit/internal/provider/desk"
	"digit/internal/provider/performance"
)

// ledger is what the record needs of encryption.
type ledger struct{ *encryption.Service }

// SealIn encrypts with the tenant's key for one place.
func (l ledger) SealIn(ctx context.Context, tx *pg.Tx, table, column string, row uuid.UUID, plain []byte) ([]byte, error) {
	return l.Seal(ctx, tx, uuid.Nil, encryption.Place{Table: table, Column: column, Row: row}, plain)
}

// OpenIn decrypts what SealIn made.
func (l ledger) OpenIn(ctx context.Context, tx *pg.Tx, table, column string, row uuid.UUID, sealed []byte) ([]byte, error) {
	return l.Open(ctx, tx, uuid.Nil, encryption.Place{Table: table, Column: column, Row: row}, sealed)
}

// SealEntry encrypts one column of an entry of the record.
func (l ledger) SealEntry(ctx context.Context, tx *pg.Tx, column string, row uuid.UUID, plain []byte) ([]byte, error) {
	return l.SealRecord(ctx, tx, encryption.Place{Table: "audit.entry", Column: column, Row: row}, plain)
}

// OpenEntry decrypts what SealEntry made.
func (l ledger) OpenEntry(ctx context.Context, tx *pg.Tx, column string, row uuid.UUID, sealed []byte) ([]byte, error) {
	return l.OpenRecord(ctx, tx, encryption.Place{Table: "audit.entry", Column: column, Row: row}, sealed)
}

// SignText signs a checkpoint of the record.
func (l ledger) SignText(ctx context.Context, tx *pg.Tx, owner string, text []byte) (signature, public []byte, err error) {
	return l.Service.SignText(ctx, tx, encryption.Signer{Owner: owner, Use: encryption.UseCheckpoint}, text)
}

// TextKeys returns the keys by which checkpoints of the record are verified.
func (l ledger) TextKeys(ctx context.Context, tx *pg.Tx, owner string) ([][]byte, error) {
	return l.Service.TextKeys(ctx, tx, encryption.Signer{Owner: owner, Use: encryption.UseCheckpoint})
}

// sealedRecord tells what the record keeps sealed and can be renewed: audit stands below encryption and cannot tell itself.
func sealedRecord(a *audit.Service) encryption.Column {
	return encryption.Column{Name: "audit.sink.address", Owner: encryption.Tenant, Page: func(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
		found, err := a.SealedSinks(ctx, tx, of.AfterID(), of.Limit)
		for _, f := range found {
			rows = append(rows, encryption.RowOf(f.ID, func(ctx context.Context, tx *pg.Tx) error { return a.RenewSink(ctx, tx, f.ID) }, f.Head))
		}
		return rows, err
	}}
}

// witness sends checkpoints of the record by e-mail.
type witness struct {
	notification *notification.Service
	tenancy      *tenancy.Service
	wording      *tenancy.Wording
}

// SendCheckpoint puts a checkpoint on its way, with the keys by which it is verified.
func (w witness) SendCheckpoint(ctx context.Context, tx *pg.Tx, address string, c audit.Checkpoint, keys []audit.PublicKey) error {
	set, err := w.tenancy.Settings(ctx, tx)
	if err != nil {
		return err
	}
	texts, err := w.wording.Texts(ctx, tx, set)
	if err != nil {
		return err
	}
	lang := set.DefaultLanguage
	args := map[string]any{"state": set.Name.In(lang, lang), "size": c.Size}
	text := texts.T(lang, "message.checkpoint.text", args) + "\n\n" + c.Note + "\n"
	for _, key := range keys {
		text += key.PEM
	}
	_, err = w.notification.Send(ctx, tx, notification.Message{
		Channel: notification.Email, Address: address, Lang: lang, Purpose: "audit.checkpoint",
		Subject: texts.T(lang, "message.checkpoint.subject", args), Text: text,
	})
	return err
}

// exports keeps files of the record as documents of whoever asked for them.
type exports struct{ documents *document.Service }

// exportLimit is more than a file of the record takes.
const exportLimit = 64 << 20

// Keep stores a CSV file.
func (e exports) Keep(ctx context.Context, tx *pg.Tx, name string, owner uuid.UUID, content []byte) (uuid.UUID, error) {
	f, err := e.documents.Store(ctx, tx, document.Store{
		Name: name, Person: owner, Purpose: "audit.export", Accept: []string{"text/csv", "text/plain"}, MaxSize: exportLimit,
	}, bytes.NewReader(content))
	return f.ID, err
}

// codes sends identity's one-time codes as messages.
type codes struct {
	notification *notification.Service
	tenancy      *tenancy.Service
	wording      *tenancy.Wording
}

// SendCode puts the code on its way, in the reader's language.
func (c codes) SendCode(ctx context.Context, tx *pg.Tx, to identity.CodeMessage) error {
	set, err := c.tenancy.Settings(ctx, tx)
	if err != nil {
		return err
	}
	texts, err := c.wording.Texts(ctx, tx, set)
	if err != nil {
		return err
	}
	args := map[string]any{"code": to.Code, "n": to.Minutes, "state": set.Name.In(to.Lang, set.DefaultLanguage), "name": to.By}
	text := "message.code.text"
	if to.Visit {
		text = "message.code.visit.text"
	}
	if to.Guest {
		text = "message.code.guest.text"
	}
	_, err = c.notification.Send(ctx, tx, notification.Message{
		Channel: to.Channel, Address: to.Address, Lang: to.Lang, Purpose: "identity.code", Once: id.New().String(),
		Subject: texts.T(to.Lang, "message.code.subject", args), Text: texts.T(to.Lang, text, args),
	})
	return err
}

// notices tells owners of accounts what changed about them, as messages.
type notices struct {
	notification *notification.Service
	tenancy      *tenancy.Service
	wording      *tenancy.Wording
	url          func(ctx context.Context, tx *pg.Tx) (string, error)
}

// SendNotice puts the notice on its way, in the owner's language, with where to look after it.
func (n notices) SendNotice(ctx context.Context, tx *pg.Tx, to identity.Notice) error {
	set, err := n.tenancy.Settings(ctx, tx)
	if err != nil {
		return err
	}
	texts, err := n.wording.Texts(ctx, tx, set)
	if err != nil {
		return err
	}
	here, err := n.url(ctx, tx)
	if err != nil {
		return err
	}
	path := "/profile/security"
	if to.Staff {
		path = "/staff/security"
	}
	device := strings.Trim(to.Device.Browser+", "+to.Device.System, ", ")
	if device == "" {
		device = texts.T(to.Lang, "session.device.unknown", nil)
	}
	args := map[string]any{
		"state": set.Name.In(to.Lang, set.DefaultLanguage), "time": i18n.FormatDateTime(to.Lang, tx.Now, set.Location()), "url": here + path, "device": device,
	}
	args["what"] = texts.T(to.Lang, "message.notice."+to.Kind, args)
	_, err = n.notification.Send(ctx, tx, notification.Message{
		Person: to.Account, Channel: to.Channel, Address: to.Address, Lang: to.Lang, Purpose: "identity.notice", Once: id.New().String(),
		Subject: texts.T(to.Lang, "message.notice.subject", args), Text: texts.T(to.Lang, "message.notice.text", args),
	})
	return err
}

// papers keeps receipts as documents.
type papers struct{ documents *document.Service }

// Keep stores a PDF.
func (p papers) Keep(ctx context.Context, tx *pg.Tx, name string, person uuid.UUID, pdf []byte) (uuid.UUID, error) {
	f, err := p.documents.Store(ctx, tx, document.Store{
		Name: name, Person: person, Purpose: "receipt", Accept: []string{"application/pdf"},
	}, bytes.NewReader(pdf))
	return f.ID, err
}

// workforce knows who can be given work: holders of roles are identity's, seats and who is away are agency's.
type workforce struct {
	*identity.Service
	agency *agency.Service
}

// Holders returns who has a role now and is not away.
func (s workforce) Holders(ctx context.Context, tx *pg.Tx, agency, role string, areas []string) ([]uuid.UUID, error) {
	accounts, err := s.Service.Holders(ctx, tx, agency, role, areas)
	if err != nil {
		return nil, err
	}
	return s.agency.Present(ctx, tx, agency, accounts)
}

// Seated returns who holds a position of an agency now, or stands in there.
func (s workforce) Seated(ctx context.Context, tx *pg.Tx, agency, position string) ([]uuid.UUID, error) {
	return s.agency.Seated(ctx, tx, agency, position)
}

// posts knows at which offices somebody works.
type posts struct{ agency *agency.Service }

// Posts returns them.
func (p posts) Posts(ctx context.Context, tx *pg.Tx, account uuid.UUID) (list []desk.Place, err error) {
	found, err := p.agency.Posts(ctx, tx, account)
	for _, w := range found {
		list = append(list, desk.Place{Agency: w.Agency, Office: w.Office})
	}
	return list, err
}

// colleagues knows who of the staff is to be told what, and where they find a case.
type colleagues struct {
	*identity.Service
	url func(ctx context.Context, tx *pg.Tx) (string, error)
}

// CaseURL returns the address of a case on the workbench.
func (c colleagues) CaseURL(ctx context.Context, tx *pg.Tx, application uuid.UUID) (string, error) {
	site, err := c.url(ctx, tx)
	return site + "/workbench/cases/" + application.String(), err
}

// OpinionURL returns the address at which an agency answers what it is asked.
func (c colleagues) OpinionURL(ctx context.Context, tx *pg.Tx, consultation uuid.UUID) (string, error) {
	site, err := c.url(ctx, tx)
	return site + "/workbench/opinions/" + consultation.String(), err
}

// worktime knows areas, and the hours of who has a case.
type worktime struct {
	*refdata.Service
	agency *agency.Service
}

// Hours returns the working hours of the office for an area, or of its agency.
func (w worktime) Hours(ctx context.Context, tx *pg.Tx, agency string, path []string) (calendar.Calendar, error) {
	office, err := w.agency.OfficeFor(ctx, tx, agency, path)
	if err != nil {
		return calendar.Calendar{}, err
	}
	return w.CalendarOf(ctx, tx, refdata.Workplace{Agency: agency, Office: office})
}

// listUses returns the codes of the published services that use each code list.
func (m *Modules) listUses(ctx context.Context, tx *pg.Tx) (map[string][]string, error) {
	uses := map[string][]string{}
	for next := (page.Request{Size: 100}); ; {
		found, err := m.Catalog.Search(ctx, tx, catalog.Query{}, next)
		if err != nil {
			return nil, err
		}
		for _, e := range found.Rows {
			svc, err := m.Catalog.Service(ctx, tx, e.Code, 0)
			if err != nil {
				return nil, err
			}
			for _, list := range svc.CodeLists() {
				uses[list] = append(uses[list], e.Code)
			}
		}
		if next.After = found.Next; next.After == "" {
			return uses, nil
		}
	}
}

// areas tells whether an area exists.
type areas struct{ refdata *refdata.Service }

// Known reports whether there is an area of that code.
func (a areas) Known(ctx context.Context, tx *pg.Tx, code string) (bool, error) {
	_, err := a.refdata.Boundary(ctx, tx, code)
	if f := fault.Of(err); f != nil && f.Kind == fault.KindNotFound {
		return false, nil
	}
	return err == nil, err
}

// spend counts what somebody does a minute, under a key that tells nothing about them.
func (m *Modules) spend(ctx context.Context, tx *pg.Tx, key string, most int) error {
	blind, err := m.Encryption.MAC(ctx, tx, "quota", []byte(key))
	if err != nil {
		return err
	}
	return quota.Spend(ctx, tx, blind, most, time.Minute)
}

// world is what the state has that a service in the making can speak of.
type world struct{ m *Modules }

// Known returns the roles and the agencies of the tenant.
func (w world) Known(ctx context.Context, tx *pg.Tx) (*servicespec.Known, error) {
	known := &servicespec.Known{}
	roles, err := w.m.Identity.Roles(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, r := range roles {
		known.Roles = append(known.Roles, r.Code)
	}
	agencies, err := w.m.Agency.Agencies(ctx, tx)
	for _, a := range agencies {
		known.Agencies = append(known.Agencies, a.Code)
	}
	return known, err
}

// Zone returns the zone in which the tenant's days begin.
func (w world) Zone(ctx context.Context, tx *pg.Tx) (*time.Location, error) { return w.m.zone(ctx, tx) }

// measures tells the catalogue how services did, from the clocks of their cases.
type measures struct{ performance *performance.Service }

// Measured is performance's.
func (m measures) Measured(ctx context.Context, tx *pg.Tx, since time.Time) (list []catalog.Measure, err error) {
	measured, err := m.performance.Measured(ctx, tx, since)
	for _, s := range measured {
		list = append(list, catalog.Measure(s))
	}
	return list, err
}
