package identity

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/decision"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// OwnPolicy is a policy of the tenant's own: it forbids what roles would allow. Reason is what whoever is stopped is told; Text is
// Cedar. One that is not Enabled is kept and does not count.
type OwnPolicy struct {
	Code      string
	Reason    i18n.Text
	Text      string
	Enabled   bool
	ChangedAt time.Time
	ChangedBy uuid.UUID // uuid.Nil for the system
}

// policyMax is the length of a policy's text in bytes.
const policyMax = 4000

// OwnPolicies lists the tenant's own policies by code. Permission: identity:read in the whole tenant. Errors: ErrForbidden.
func (s *Service) OwnPolicies(ctx context.Context, tx *pg.Tx) (_ []OwnPolicy, err error) {
	defer fault.Wrap(&err, "identity.OwnPolicies")
	r, err := require(ctx, tx, permissionRead)
	if err != nil {
		return nil, err
	}
	if !r.everywhere {
		return nil, forbidden(permissionRead)
	}
	return ownPolicies(ctx, tx)
}

func ownPolicies(ctx context.Context, tx *pg.Tx) ([]OwnPolicy, error) {
	rows, err := queries.ListPolicies(ctx, tx)
	list := make([]OwnPolicy, 0, len(rows))
	for _, row := range rows {
		p := OwnPolicy{Code: row.Code, Reason: i18n.Text{}, Text: row.Text, Enabled: row.Enabled, ChangedAt: row.ChangedAt}
		if row.ChangedBy != nil {
			p.ChangedBy = *row.ChangedBy
		}
		if err := json.Unmarshal(row.Reason, &p.Reason); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, err
}

// PutPolicy makes or changes a policy of the tenant's own; it counts from the next request on. What it says is held against the
// vocabulary, and it may not lock out whoever saves it. Permission: identity:manage in the whole tenant.
// Errors: ErrForbidden, ErrOwnPolicy with the fields at fault, ErrLockout.
func (s *Service) PutPolicy(ctx context.Context, tx *pg.Tx, p OwnPolicy) (err error) {
	defer fault.Wrap(&err, "identity.PutPolicy(%s)", p.Code)
	actor, err := actorOf(ctx, tx)
	if err != nil {
		return err
	}
	if !actor.reach(permissionManage, tx.Now).everywhere {
		return forbidden(permissionManage)
	}
	if fields := p.check(s.permissions); fields != nil {
		return ErrOwnPolicy.WithFields(fields...)
	}
	all, err := ownPolicies(ctx, tx)
	if err != nil {
		return err
	}
	if err := lockedOut(actor, all, p, tx.Now); err != nil {
		return err
	}
	reason, err := json.Marshal(p.Reason)
	if err != nil {
		return err
	}
	err = queries.PutPolicy(ctx, tx, identitydb.PutPolicyParams{
		Code: p.Code, Reason: reason, Text: p.Text, Enabled: p.Enabled, ChangedAt: tx.Now, ChangedBy: optional(tx.Actor.ID),
	})
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.policy.put", Object: "identity.policy", Detail: map[string]any{"policy": p.Code, "enabled": p.Enabled, "text": p.Text},
	})
}

func (p OwnPolicy) check(permissions []string) (wrong []fault.Field) {
	if !codeShape.MatchString(p.Code) {
		wrong = append(wrong, fault.Field{Path: "code", Code: "identity.policy_code"})
	}
	if p.Reason.IsZero() {
		wrong = append(wrong, fault.Field{Path: "reason", Code: "identity.policy_reason"})
	}
	if len(p.Text) > policyMax {
		return append(wrong, fault.Field{Path: "text", Code: "identity.policy_long", Args: map[string]any{"max": policyMax}})
	}
	if problem := decision.Check(p.Text, permissions); problem != nil {
		wrong = append(wrong, fault.Field{Path: "text", Code: "identity.policy_" + problem.Code, Args: map[string]any{"detail": problem.Text}})
	}
	return wrong
}

// lockedOut refuses a policy under which its author could not take it back.
func lockedOut(actor Principal, all []OwnPolicy, p OwnPolicy, now time.Time) error {
	if !p.Enabled || actor.Kind == "system" {
		return nil
	}
	law := []decision.Policy{{Code: p.Code, Text: p.Text}}
	for _, o := range all {
		if o.Enabled && o.Code != p.Code {
			law = append(law, decision.Policy{Code: o.Code, Text: o.Text})
		}
	}
	under, err := actor.Under(law)
	if err != nil {
		return err
	}
	if !under.reach(permissionManage, now).everywhere || !under.MayAt("console:use", now) && actor.MayAt("console:use", now) {
		return ErrLockout
	}
	return nil
}

// Under returns the principal as it would stand under these policies of the tenant's own, to try them.
func (p Principal) Under(own []decision.Policy) (Principal, error) {
	law, err := decision.With(own)
	p.law = law
	return p, err
}

// RemovePolicy deletes a policy of the tenant's own. Permission: identity:manage in the whole tenant.
// Errors: ErrForbidden, ErrNotFound.
func (s *Service) RemovePolicy(ctx context.Context, tx *pg.Tx, code string) (err error) {
	defer fault.Wrap(&err, "identity.RemovePolicy(%s)", code)
	r, err := require(ctx, tx, permissionManage)
	if err != nil {
		return err
	}
	if !r.everywhere {
		return forbidden(permissionManage)
	}
	n, err := queries.DeletePolicy(ctx, tx, code)
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNotFound
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "identity.policy.remove", Object: "identity.policy", Detail: map[string]any{"policy": code}})
}
