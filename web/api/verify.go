package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"digit/internal/infra/certificate"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/catalog"
	"digit/web/frame"
)

type verification struct {
	Outcome   certificate.Outcome `json:"outcome"`
	Number    string              `json:"number,omitempty"`
	Title     i18n.Text           `json:"title,omitempty"`
	Agency    i18n.Text           `json:"agency,omitempty"`
	IssuedAt  *time.Time          `json:"issued_at,omitempty"`
	ExpiresAt *time.Time          `json:"expires_at,omitempty"`
	Claims    []claim             `json:"claims,omitempty"`
}

type claim struct {
	Name  string    `json:"name"`
	Label i18n.Text `json:"label"`
	Value any       `json:"value"`
	Shown string    `json:"shown"`
}

// verify tells whether a certificate is genuine and in force. What is wrong with it is the outcome, not a failure.
func (a *API) verify(r *frame.Request) error {
	var in struct {
		Text string `json:"text"`
	}
	if err := r.Decode(&in); err != nil {
		return err
	}
	var v certificate.Verification
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		v, err = a.deps.Certificates.Verify(ctx, tx, in.Text)
		return err
	})
	if err != nil {
		return err
	}
	out := verification{Outcome: v.Outcome, Number: v.Number, Title: v.Title, Agency: v.AgencyName, ExpiresAt: v.ExpiresAt}
	if !v.IssuedAt.IsZero() {
		out.IssuedAt = &v.IssuedAt
	}
	for _, c := range v.Claims {
		out.Claims = append(out.Claims, claim{c.Name, c.Label, c.Value, c.Shown})
	}
	return r.JSON(http.StatusOK, out)
}

// statusList is a signed list of which certificates are in force (Token Status List). Its own ttl is 15 minutes.
func (a *API) statusList(r *frame.Request) error {
	id, err := r.UUID("list")
	if err != nil {
		return err
	}
	var token string
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) { // the first list of an agency makes the key that signs it
		token, err = a.deps.Certificates.StatusList(ctx, tx, id)
		return err
	})
	if err != nil {
		return err
	}
	return shared(r, "application/statuslist+jwt", "public, max-age=60", []byte(token))
}

// jwks are an agency's public keys, or those of all agencies of the state.
func (a *API) jwks(r *frame.Request) error {
	var keys []byte
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		keys, err = a.deps.Encryption.JWKS(ctx, tx, r.Param("agency"))
		return err
	})
	if err != nil {
		return err
	}
	return shared(r, "application/jwk-set+json", "public, max-age=300", keys)
}

// did is the document of the state's decentralised identifier (did:web), or of an agency's: the public keys again, in the form
// in which such identifiers are resolved.
func (a *API) did(r *frame.Request) error {
	var doc []byte
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		address, err := a.deps.PublicURL(ctx, tx)
		if err != nil {
			return err
		}
		site, err := url.Parse(address)
		if err != nil {
			return err
		}
		state := "did:web:" + strings.ReplaceAll(site.Host, ":", "%3A")
		if agency := r.Param("agency"); agency != "" {
			doc, err = a.deps.Encryption.DIDDocument(ctx, tx, state+":agencies:"+agency, state, agency)
		} else {
			doc, err = a.deps.Encryption.DIDDocument(ctx, tx, state, "", "")
		}
		return err
	})
	if err != nil {
		return err
	}
	return shared(r, "application/did+json", "public, max-age=300", doc)
}

// typeMetadata says what a type of certificate is called and certifies (SD-JWT VC type metadata).
type typeMetadata struct {
	VCT     string        `json:"vct"`
	Name    string        `json:"name"`
	Display []typeDisplay `json:"display"`
	Claims  []typeClaim   `json:"claims"`
}

type typeDisplay struct {
	Locale string `json:"locale"`
	Name   string `json:"name"`
}

type typeClaim struct {
	Path    []string       `json:"path"`
	Display []claimDisplay `json:"display"`
	SD      string         `json:"sd"` // allowed where the holder may leave it out, never otherwise
}

type claimDisplay struct {
	Locale string `json:"locale"`
	Label  string `json:"label"`
}

// credentialType describes a type of certificate, from the service that issues it.
func (a *API) credentialType(r *frame.Request) error {
	var found *servicespec.Pack
	var issued servicespec.Certificate
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		next := page.Request{Size: 100}
		for {
			services, err := a.deps.Catalog.Search(ctx, tx, catalog.Query{Lang: r.Lang, Withdrawn: true}, next)
			if err != nil {
				return err
			}
			for _, e := range services.Rows {
				spec, err := a.deps.Catalog.Service(ctx, tx, e.Code, 0)
				if err != nil {
					return err
				}
				for _, c := range spec.Pack().Certificates {
					if c.Type == r.Param("type") {
						found, issued = spec.Pack(), c
						return nil
					}
				}
			}
			if services.Next == "" {
				return nil
			}
			next.After = services.Next
		}
	})
	if err != nil {
		return err
	}
	if found == nil {
		return frame.Lost(r)
	}
	body, err := json.Marshal(metadataOf(r, found, issued))
	if err != nil {
		return err
	}
	return shared(r, "application/json", "public, max-age=300", body)
}

func metadataOf(r *frame.Request, pack *servicespec.Pack, c servicespec.Certificate) typeMetadata {
	m := typeMetadata{VCT: r.PublicURL() + "/vct/" + c.Type, Name: c.Title.In(pack.Languages[0], "en")}
	for _, lang := range pack.Languages {
		if c.Title[lang] != "" {
			m.Display = append(m.Display, typeDisplay{Locale: lang, Name: c.Title[lang]})
		}
	}
	for _, x := range c.Claims {
		t := typeClaim{Path: []string{x.Name}, SD: "never"}
		if x.Disclosable {
			t.SD = "allowed"
		}
		for _, lang := range pack.Languages {
			if x.Label[lang] != "" {
				t.Display = append(t.Display, claimDisplay{Locale: lang, Label: x.Label[lang]})
			}
		}
		m.Claims = append(m.Claims, t)
	}
	return m
}
