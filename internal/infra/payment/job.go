package payment

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// reconcileFor is how long, in real time, we go on asking about a charge.
const reconcileFor = 24 * time.Hour

// ReconcileArgs asks the gateway about a charge.
type ReconcileArgs struct {
	job.Tenant
	Charge uuid.UUID `json:"charge"`
}

// Kind is the job's name.
func (ReconcileArgs) Kind() string { return "payment.reconcile" }

// ExpireArgs ends a charge that nobody paid.
type ExpireArgs struct {
	job.Tenant
	Charge uuid.UUID `json:"charge"`
}

// Kind is the job's name.
func (ExpireArgs) Kind() string { return "payment.expire" }

// ReceiptArgs makes the PDF of a receipt.
type ReceiptArgs struct {
	job.Tenant
	Receipt uuid.UUID `json:"receipt"`
}

// Kind is the job's name.
func (ReceiptArgs) Kind() string { return "payment.receipt" }

// Register registers the module's jobs.
func (s *Service) Register(r *job.Registry) {
	job.Add(r, s.reconcile)
	job.AddTx(r, s.expire)
	job.Add(r, s.makeReceipt)
}

// reconcile finds the notice that got lost. As long as the payer has not decided it asks again, with growing pauses;
// also after we gave up on the charge, since money may still come.
func (s *Service) reconcile(ctx context.Context, db *pg.DB, j *river.Job[ReconcileArgs]) (err error) {
	defer fault.Wrap(&err, "payment.reconcile(%s)", j.Args.Charge)
	scope := job.Scope(j)
	var c Charge
	var gateway Gateway
	var config GatewayConfig
	err = db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) (err error) {
		if c, err = getCharge(ctx, tx, j.Args.Charge); err != nil {
			return err
		}
		gateway, config, err = s.gateway(ctx, tx, c.Gateway)
		return err
	})
	if err != nil {
		return err
	}
	if c.Ref == "" || !c.Status.Open() && c.Status != Expired {
		return nil
	}
	n, err := gateway.Status(ctx, config, c.Ref)
	if err != nil {
		return err
	}
	if n.Status == Pending || n.Status == Created {
		age := clock.Now().Sub(j.CreatedAt)
		if age > reconcileFor {
			return nil
		}
		return river.JobSnooze(max(reconcileAfter, age/2))
	}
	n.EventID = "reconcile-" + c.ID.String() + "-" + string(n.Status)
	err = db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error { return s.take(ctx, tx, c.Gateway, n) })
	if errors.Is(err, ErrReplayed) {
		return nil
	}
	return err
}

func (s *Service) expire(ctx context.Context, tx *pg.Tx, args ExpireArgs) (err error) {
	defer fault.Wrap(&err, "payment.expire(%s)", args.Charge)
	c, err := getCharge(ctx, tx, args.Charge)
	if err != nil {
		return err
	}
	if _, err := lockDemand(ctx, tx, c.Demand); err != nil {
		return err
	}
	if c, err = lockCharge(ctx, tx, c.ID); err != nil {
		return err
	}
	if !c.Status.Open() || tx.Now.Before(c.ExpiresAt) {
		return nil
	}
	return settleCharge(ctx, tx, c.ID, Expired, "", "")
}
