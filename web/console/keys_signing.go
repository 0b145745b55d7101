package console

import (
	"context"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

func signingTag(r *frame.Request, s encryption.KeyState) *ui.TagView {
	kind := map[encryption.KeyState]ui.Kind{
		encryption.KeyNext: ui.Info, encryption.KeyActive: ui.Success, encryption.KeyRetired: ui.Neutral, encryption.KeyDestroyed: ui.Danger,
	}[s]
	return &ui.TagView{Text: r.T("keys.signing." + string(s)), Kind: kind}
}

// signingKeys lists the keys by which agencies sign.
func (c *Console) signingKeys(r *frame.Request) error {
	v := view(r, r.T("keys.tab.signing"))
	v.Lead, v.Tabs = r.T("keys.signing.lead"), keyTabs(r)
	v.Search = search(r, "keys.signing.search")
	v.Chips = chips(r, "state", "keys.signing.", string(encryption.KeyActive), string(encryption.KeyNext), string(encryption.KeyRetired), string(encryption.KeyDestroyed))
	v.Actions = []ui.ButtonView{{Label: r.T("keys.signing.published"), Href: "/.well-known/jwks.json", Icon: "external-link", Variant: "tertiary"}}
	filter := encryption.SigningFilter{Owner: r.Query("q"), State: encryption.KeyState(r.Query("state"))}
	l := list[encryption.SigningKey]{
		name: "signing-keys", columns: []string{"agency", "keyuse", "keyid", "state", "since", "advice"}, empty: empty(r, "keys.signing", "key", nil),
		orders: map[string]func(a, b encryption.SigningKey) int{
			"agency": words(func(k encryption.SigningKey) string { return k.Signer.Owner }),
			"since":  func(a, b encryption.SigningKey) int { return a.CreatedAt.Compare(b.CreatedAt) },
		},
		fetch: func(ctx context.Context, tx *pg.Tx, _ page.Request) (page.Page[encryption.SigningKey], error) {
			return all(c.deps.Encryption.SigningKeys(ctx, tx, filter))
		},
		cells: func(k encryption.SigningKey) []ui.Cell {
			cells := []ui.Cell{
				{Text: k.Signer.Owner},
				{Text: r.T("keys.use." + string(k.Signer.Use))},
				{Text: k.ID[:12] + "…", Href: "/console/keys/signing/" + k.ID},
				{Tag: signingTag(r, k.State)},
				{Text: ui.Date(r.Context(), k.CreatedAt)},
				{},
			}
			if k.State == encryption.KeyActive {
				cells[5] = advice(r, k.CreatedAt.Add(encryption.SigningLifetime), r.Now, false)
			}
			return cells
		},
	}
	return l.serve(r, v)
}

// signingKey shows one signing key, what it may have signed that is in force, and what can be done with it.
func (c *Console) signingKey(r *frame.Request) error {
	var k encryption.SigningKey
	var living encryption.Living
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if k, err = c.deps.Encryption.SigningKey(ctx, tx, r.Param("kid")); err != nil {
			return err
		}
		living, err = c.deps.Encryption.Living(ctx, tx, k)
		return err
	}); err != nil {
		return err
	}
	v := view(r, r.T("keys.signing.title")).back("/console/keys/signing", r.T("keys.tab.signing"))
	v.Caption, v.Tag = k.Signer.Owner+" · "+r.T("keys.use."+string(k.Signer.Use)), signingTag(r, k.State)
	v.Lead = r.T("keys.signing." + string(k.State) + ".text")
	v.Facts = signingFacts(r, k, living)
	if r.Principal.MayIn(encryption.Manage, "") {
		v.Sections = signingActs(r, k, living)
	}
	v.Sections = append(v.Sections, section{Title: r.T("keys.signing.public"), Pre: string(k.Public), PreLabel: r.T("keys.signing.public.show")})
	return r.HTML(consolePage(v))
}

func signingFacts(r *frame.Request, k encryption.SigningKey, living encryption.Living) []ui.Fact {
	facts := []ui.Fact{
		{Key: r.T("console.column.keyid"), Value: k.ID},
		{Key: r.T("keys.signing.algorithm"), Value: "ES256 (P-256, SHA-256)"},
		{Key: r.T("console.column.since"), Value: ui.DateTime(r.Context(), k.CreatedAt)},
	}
	if k.State == encryption.KeyNext {
		facts = append(facts, ui.Fact{Key: r.T("keys.signing.ready"), Value: ui.DateTime(r.Context(), k.ReadyAt)})
	}
	if k.RetiredAt != nil {
		facts = append(facts, ui.Fact{Key: r.T("keys.signing.retired_at"), Value: ui.DateTime(r.Context(), *k.RetiredAt)})
	}
	if k.DestroyedAt != nil {
		facts = append(facts, ui.Fact{Key: r.T("keys.signing.destroyed_at"), Value: ui.DateTime(r.Context(), *k.DestroyedAt)})
	}
	if k.Signer.Use == encryption.UseCredential && k.State != encryption.KeyDestroyed {
		last := r.T("keys.signing.living.none")
		switch {
		case living.Never:
			last = r.T("keys.signing.living.never", "n", living.Count)
		case living.Count > 0:
			last = r.T("keys.signing.living.until", "n", living.Count, "date", ui.Date(r.Context(), living.Until))
		}
		facts = append(facts, ui.Fact{Key: r.T("keys.signing.living"), Value: last})
	}
	return facts
}

// signingActs are what can be done with a key in its state.
func signingActs(r *frame.Request, k encryption.SigningKey, living encryption.Living) (acts []section) {
	if k.State == encryption.KeyActive {
		acts = append(acts, section{
			Title: r.T("keys.change"), Text: r.T("keys.signing.rotate.text"),
			Posts: []postView{{Action: r.URL.Path + "/rotate", Label: r.T("keys.signing.rotate")}},
		})
	}
	switch {
	case k.State == encryption.KeyRetired && living.Count == 0:
		acts = append(acts, section{Title: r.T("keys.destroy"), Text: r.T("keys.signing.destroy.text"), Actions: []ui.ButtonView{{
			Label: r.T("keys.destroy.propose"), Href: destroyPath(encryption.DestroySigning, k.ID), Variant: "warning",
		}}})
	case k.State != encryption.KeyDestroyed:
		acts = append(acts, section{Title: r.T("keys.stolen"), Text: r.T("keys.stolen.text", "n", living.Count), Actions: []ui.ButtonView{{
			Label: r.T("keys.destroy.propose"), Href: destroyPath(encryption.DestroyCompromised, k.ID), Variant: "warning",
		}}})
	}
	return acts
}

// signingRotate publishes the next key of an agency for a use.
func (c *Console) signingRotate(r *frame.Request) error {
	kid := r.Param("kid")
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		k, err := c.deps.Encryption.SigningKey(ctx, tx, kid)
		if err != nil {
			return err
		}
		return c.deps.Encryption.RotateSigning(ctx, tx, k.Signer)
	})
	if e := fault.Of(err); e != nil && e.Is(encryption.ErrRotating) { // pressed twice
		return r.Redirect("/console/keys/signing?state=next")
	}
	if err != nil {
		return err
	}
	return r.Redirect("/console/keys/signing?state=next&done=keys.published")
}
