package payment

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
)

// Gateway is a payment provider. Begin and Status go over the network and are called outside transactions; Begin may
// be called again for a charge and then gives what it gave. Notice only reads what arrived.
type Gateway interface {
	Code() string
	Begin(ctx context.Context, c GatewayConfig, r ChargeRequest) (Begun, error)
	// Notice checks the signature and reads. Errors: ErrSignature, ErrNotice.
	Notice(c GatewayConfig, header map[string][]string, body []byte) (Notice, error)
	Status(ctx context.Context, c GatewayConfig, ref string) (Notice, error)
}

// GatewayConfig is a tenant's own settings of a gateway; Wall is the machine's time, against which signatures age.
type GatewayConfig struct {
	Settings map[string]string
	Wall     time.Time
}

// ChargeRequest asks a gateway to take money. Charge names the attempt, so that asking twice is asking once.
type ChargeRequest struct {
	Charge      uuid.UUID
	Amount      money.Amount
	Description string
	Lang        string
	ReturnURL   string
	WebhookURL  string
	ExpiresAt   time.Time
}

// Begun is where the payer goes, and the gateway's name for the charge.
type Begun struct {
	URL string
	Ref string
}

// Notice is what a gateway says about a charge. EventID is the gateway's own and empty in an answer to Status.
type Notice struct {
	EventID string
	Ref     string
	Charge  uuid.UUID
	Status  ChargeStatus // Pending, Succeeded, FailedPay or Disputed
	Amount  money.Amount
	Failure string
}

// GatewaySettings says how a tenant reaches a gateway. New charges go to the first active one by code.
type GatewaySettings struct {
	Code     string
	Settings map[string]string
	Active   bool
}

// PutGateway sets a tenant's gateway up. Permission payment:manage. Errors: ErrForbidden, ErrNoGateway.
func (s *Service) PutGateway(ctx context.Context, tx *pg.Tx, g GatewaySettings) (err error) {
	defer fault.Wrap(&err, "payment.PutGateway(%s)", g.Code)
	if err := mayManage(tx); err != nil {
		return err
	}
	if s.gateways[g.Code] == nil {
		return ErrNoGateway.With("gateway", g.Code)
	}
	if err := s.putGateway(ctx, tx, g); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "payment.gateway.put", Object: "payment.gateway",
		Detail: map[string]any{"gateway": g.Code, "active": g.Active},
	})
}
