package app

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"

	"digit/internal/consumer/profile"
	"digit/internal/consumer/request"
	"digit/internal/infra/audit"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
)

// copyOf tells, for the copy of their data that people can ask for, what each module keeps about a person.
type copyOf struct{ m *Modules }

// sources are the parts of the copy, in its order.
func (c copyOf) sources() []profile.Source {
	return []profile.Source{c.account, c.businesses, c.applications, c.wallet, c.conversations, c.record}
}

func (c copyOf) account(ctx context.Context, tx *pg.Tx, person uuid.UUID) (p profile.Portion, err error) {
	me, err := c.m.Profile.Profile(ctx, tx, person)
	if err != nil {
		return p, err
	}
	household, err := c.m.Profile.Household(ctx, tx, person)
	if err != nil {
		return p, err
	}
	contacts, err := c.m.Identity.Contacts(ctx, tx, person)
	if err != nil {
		return p, err
	}
	may, err := c.m.Identity.Representatives(ctx, tx, person)
	if err != nil {
		return p, err
	}
	others, err := c.m.Identity.Represented(ctx, tx, person)
	if err != nil {
		return p, err
	}
	before, err := c.before(ctx, tx)
	return profile.Portion{Name: "account", Data: map[string]any{
		"profile": me, "household": household, "addresses": contacts, "may_act_for_you": may, "you_may_act_for": others, "applied_before_as": before,
	}}, err
}

// before says as whom the person applied before they had an account: how they were called, and where they were reached.
func (c copyOf) before(ctx context.Context, tx *pg.Tx) (list []map[string]any, err error) {
	names, err := c.m.Identity.Names(ctx, tx, tx.Actor.Guests...)
	if err != nil {
		return nil, err
	}
	for _, guest := range tx.Actor.Guests {
		contacts, err := c.m.Identity.Contacts(ctx, tx, guest)
		if err != nil {
			return nil, err
		}
		list = append(list, map[string]any{"name": names[guest], "addresses": contacts})
	}
	return list, nil
}

// businesses are those for which the person claimed that they may act, with what they told of them; for which they do act is in the
// account's portion. What the members of a business sent in its name is the business's, not theirs.
func (c copyOf) businesses(ctx context.Context, tx *pg.Tx, person uuid.UUID) (p profile.Portion, err error) {
	claims, err := c.m.Business.Claimed(ctx, tx, person)
	p.Name, p.Data = "businesses", claims
	for _, one := range claims {
		if one.Document == uuid.Nil {
			continue
		}
		f, err := c.m.Document.File(ctx, tx, one.Document)
		if err != nil {
			return p, err
		}
		p.Files = append(p.Files, profile.PortionFile{
			Path: "businesses/" + one.Document.String()[:8] + "-" + strings.ReplaceAll(f.Name, "/", "-"), Document: one.Document,
		})
	}
	return p, err
}

func (c copyOf) conversations(ctx context.Context, tx *pg.Tx, person uuid.UUID) (profile.Portion, error) {
	list, err := c.m.Channel.Conversations(ctx, tx, person)
	return profile.Portion{Name: "conversations", Data: list}, err
}

func (c copyOf) applications(ctx context.Context, tx *pg.Tx, person uuid.UUID) (p profile.Portion, err error) {
	p.Name = "applications"
	all := []map[string]any{}
	for next := (page.Request{Size: 100}); ; {
		list, err := c.m.Request.Mine(ctx, tx, person, request.Filter{}, next)
		if err != nil {
			return p, err
		}
		for _, r := range list.Rows {
			one, files, err := c.application(ctx, tx, person, r.ID)
			if err != nil {
				return p, err
			}
			all, p.Files = append(all, one), append(p.Files, files...)
		}
		if list.Next == "" {
			break
		}
		next.After = list.Next
	}
	p.Data = all
	return p, nil
}

// application is one request with its messages, and the documents that belong to it.
func (c copyOf) application(ctx context.Context, tx *pg.Tx, person, id uuid.UUID) (map[string]any, []profile.PortionFile, error) {
	r, err := c.m.Request.Request(ctx, tx, person, id)
	if err != nil {
		return nil, nil, err
	}
	thread, err := c.m.Request.Thread(ctx, tx, r)
	if err != nil {
		return nil, nil, err
	}
	rating, err := c.m.Request.Rating(ctx, tx, r)
	if err != nil {
		return nil, nil, err
	}
	folder := r.Reference
	if folder == "" {
		folder = "draft-" + r.CreatedAt.Format("2006-01-02") + "-" + r.Service
	}
	var files []profile.PortionFile
	add := func(name string, document uuid.UUID) {
		if document != uuid.Nil {
			files = append(files, profile.PortionFile{Path: folder + "/" + document.String()[:8] + "-" + strings.ReplaceAll(name, "/", "-"), Document: document})
		}
	}
	for _, answer := range r.Answers {
		for _, f := range servicespec.FilesIn(answer) {
			add(f.Name, f.ID)
		}
	}
	for _, m := range thread {
		for _, f := range m.Files {
			add(f.Name, f.ID)
		}
	}
	for _, e := range r.Timeline {
		add("letter.pdf", e.Detail.Document)
	}
	if r.Receipt != "" && r.Demand != nil {
		receipt, err := c.m.Payment.Receipt(ctx, tx, r.Demand.ID)
		if err != nil && !errors.Is(err, payment.ErrNoReceipt) {
			return nil, nil, err
		}
		add("receipt.pdf", receipt.Document)
	}
	credit, err := c.m.Payment.Credit(ctx, tx, orchestration.Subject, r.ID)
	if err != nil {
		return nil, nil, err
	}
	return map[string]any{
		"paid_too_much": credit.Amount, "given_back": credit.GivenBack, "reference": r.Reference, "service": r.Service, "status": r.Status, "state": r.StateName, "outcome": r.Outcome, "language": r.Lang,
		"answers": r.Answers, "filled_in_from": r.Sources, "looked_up": looked(r), "begun": r.CreatedAt, "submitted": r.SubmittedAt, "promised": r.Promised,
		"receipt": r.Receipt, "history": r.Timeline, "messages": thread, "rating": rated(rating),
	}, files, nil
}

// looked are the records that were looked up with consent.
func looked(r request.Request) []map[string]any {
	out := []map[string]any{}
	for key, record := range r.Found {
		out = append(out, map[string]any{"register": key.Lookup, "key": key.Key, "record": record})
	}
	return out
}

func (c copyOf) wallet(ctx context.Context, tx *pg.Tx, person uuid.UUID) (p profile.Portion, err error) {
	p.Name = "wallet"
	all := []map[string]any{}
	for _, hidden := range []bool{false, true} {
		for next := (page.Request{Size: 100}); ; {
			list, err := c.m.Wallet.Items(ctx, tx, person, hidden, next)
			if err != nil {
				return p, err
			}
			for _, i := range list.Rows {
				_, cred, err := c.m.Wallet.Item(ctx, tx, person, i.ID)
				if err != nil {
					return p, err
				}
				shares, err := c.m.Wallet.Shares(ctx, tx, person, i.ID)
				if err != nil {
					return p, err
				}
				all = append(all, map[string]any{
					"title": i.Title, "number": i.Number, "type": i.Type, "agency": i.Agency, "status": cred.Status, "issued": i.IssuedAt, "expires": i.ExpiresAt,
					"claims": cred.Claims, "credential": cred.SDJWT, "shared": shares, "hidden": i.Hidden,
				})
				if cred.Document != uuid.Nil {
					p.Files = append(p.Files, profile.PortionFile{Path: "wallet/" + i.Number + ".pdf", Document: cred.Document})
				}
			}
			if list.Next == "" {
				break
			}
			next.After = list.Next
		}
	}
	p.Data = all
	return p, nil
}

// recordMost is how many lines of the record go into a copy; the page shows the rest.
const recordMost = 10_000

func (c copyOf) record(ctx context.Context, tx *pg.Tx, person uuid.UUID) (p profile.Portion, err error) {
	p.Name = "record"
	all := []map[string]any{}
	for next := (page.Request{Size: 100}); len(all) < recordMost; {
		list, err := c.m.Audit.About(ctx, tx, person, audit.AboutFilter{}, next)
		if err != nil {
			return p, err
		}
		for _, row := range list.Rows {
			all = append(all, map[string]any{"at": row.At, "kind": row.Kind, "by": row.ActorKind, "action": row.Action, "object": row.Object, "id": row.ObjectID, "purpose": row.Purpose})
		}
		if list.Next == "" {
			break
		}
		next.After = list.Next
	}
	p.Data = all
	return p, nil
}

// keeper knows for the profile what of a person stays and what goes.
type keeper struct{ m *Modules }

// Guests returns as whom the person applied before they had an account.
func (k keeper) Guests(ctx context.Context, tx *pg.Tx, person uuid.UUID) ([]uuid.UUID, error) {
	return k.m.Identity.ClaimedGuests(ctx, tx, person)
}

// each does work for the person, and for all as whom they applied before they had an account.
func (k keeper) each(ctx context.Context, tx *pg.Tx, person uuid.UUID, work func(uuid.UUID) error) error {
	guests, err := k.Guests(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, one := range append(guests, person) {
		if err := work(one); err != nil {
			return err
		}
	}
	return nil
}

// Kept returns the requests that stay.
func (k keeper) Kept(ctx context.Context, tx *pg.Tx, person uuid.UUID) (out []profile.Kept, err error) {
	err = k.each(ctx, tx, person, func(one uuid.UUID) error {
		kept, err := k.kept(ctx, tx, one)
		out = append(out, kept...)
		return err
	})
	return out, err
}

func (k keeper) kept(ctx context.Context, tx *pg.Tx, person uuid.UUID) (out []profile.Kept, err error) {
	list, err := k.m.Request.Kept(ctx, tx, person)
	for _, r := range list {
		kept := profile.Kept{Reference: r.Reference, Service: r.Service, Why: profile.KeptDecision, Until: &r.Until, Path: "/requests/" + r.ID.String()}
		switch {
		case r.Open:
			kept.Why, kept.Until = profile.KeptOpen, nil
		case r.Paid:
			kept.Why = profile.KeptPayment
		}
		out = append(out, kept)
	}
	return out, err
}

// Drop deletes the drafts, and businesses that the person claimed and nobody confirmed.
func (k keeper) Drop(ctx context.Context, tx *pg.Tx, person uuid.UUID) error {
	if err := k.m.Business.Forget(ctx, tx, person); err != nil {
		return err
	}
	return k.each(ctx, tx, person, func(one uuid.UUID) error { return k.m.Request.Drop(ctx, tx, one) })
}

// Close takes away the account, and the conversations that would open it.
func (k keeper) Close(ctx context.Context, tx *pg.Tx, person uuid.UUID) error {
	return k.each(ctx, tx, person, func(one uuid.UUID) error {
		if err := k.m.Channel.Forget(ctx, tx, one); err != nil {
			return err
		}
		return k.m.Identity.Forget(ctx, tx, one)
	})
}

// Forget destroys the person's key.
func (k keeper) Forget(ctx context.Context, tx *pg.Tx, person uuid.UUID) error {
	return k.each(ctx, tx, person, func(one uuid.UUID) error { return k.m.Encryption.Forget(ctx, tx, one) })
}

// rated is what the person said of the service; nil where nothing.
func rated(r request.Rating) map[string]any {
	if r.Stars == 0 {
		return nil
	}
	return map[string]any{"stars": r.Stars, "good": r.Good, "better": r.Bad, "words": r.Words, "first": r.RatedAt, "changed": r.ChangedAt}
}
