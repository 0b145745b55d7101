package api

import (
	"context"
	"errors"
	"net/http"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
)

// encryptionLimit is what may be sealed or signed at once, with what is around it.
const encryptionLimit = 128 << 10

var errPermission = fault.Forbidden("page.permission")

// orderOf is what every call says: for which agency, what for, and to what the data belongs. Bytes are base64.
type orderOf struct {
	Agency     string `json:"agency"`
	Purpose    string `json:"purpose"`
	Associated []byte `json:"associated_data,omitempty"`
}

// may asks for the permission of the route in the agency that is named.
func (o orderOf) may(r *frame.Request) (encryption.Order, error) {
	if o.Agency != "" && !r.Principal.MayIn(r.Route.Permission, o.Agency) {
		return encryption.Order{}, errPermission
	}
	return encryption.Order{Owner: o.Agency, Purpose: o.Purpose, Associated: o.Associated}, nil
}

// encrypt seals what another system keeps.
func (a *API) encrypt(r *frame.Request) error {
	var in struct {
		orderOf
		Plaintext []byte `json:"plaintext"`
	}
	var out struct {
		Ciphertext []byte `json:"ciphertext"`
	}
	return a.ordered(r, &in, &in.orderOf, &out, func(ctx context.Context, tx *pg.Tx, o encryption.Order) (err error) {
		out.Ciphertext, err = a.deps.Encryption.Encrypt(ctx, tx, o, in.Plaintext)
		return err
	})
}

// decrypt opens what encrypt sealed.
func (a *API) decrypt(r *frame.Request) error {
	var in struct {
		orderOf
		Ciphertext []byte `json:"ciphertext"`
	}
	var out struct {
		Plaintext []byte `json:"plaintext"`
	}
	return a.ordered(r, &in, &in.orderOf, &out, func(ctx context.Context, tx *pg.Tx, o encryption.Order) (err error) {
		out.Plaintext, err = a.deps.Encryption.Decrypt(ctx, tx, o, in.Ciphertext)
		return err
	})
}

// sign signs what another system vouches for, with the agency's key.
func (a *API) sign(r *frame.Request) error {
	var in struct {
		orderOf
		Payload []byte `json:"payload"`
	}
	var out struct {
		JWS string `json:"jws"`
		KID string `json:"kid"`
	}
	return a.ordered(r, &in, &in.orderOf, &out, func(ctx context.Context, tx *pg.Tx, o encryption.Order) (err error) {
		out.JWS, err = a.deps.Encryption.SignData(ctx, tx, o, in.Payload)
		out.KID = encryption.KeyID(out.JWS)
		return err
	})
}

// verifyData tells whether an agency signed something by sign. That it did not is the answer, no failure.
func (a *API) verifyData(r *frame.Request) error {
	var in struct {
		orderOf
		JWS string `json:"jws"`
	}
	var out struct {
		Valid   bool   `json:"valid"`
		KID     string `json:"kid,omitempty"`
		Payload []byte `json:"payload,omitempty"`
	}
	return a.ordered(r, &in, &in.orderOf, &out, func(ctx context.Context, tx *pg.Tx, o encryption.Order) error {
		signed, err := a.deps.Encryption.VerifyData(ctx, tx, o, in.JWS)
		if errors.Is(err, encryption.ErrSignature) {
			return nil
		}
		out.Valid, out.KID, out.Payload = err == nil, signed.KeyID, signed.Payload
		return err
	})
}

// ordered reads an order, has it done in one transaction, which puts it on record, and answers.
func (a *API) ordered(r *frame.Request, in any, said *orderOf, out any, do func(context.Context, *pg.Tx, encryption.Order) error) error {
	if err := r.Decode(in); err != nil {
		return err
	}
	o, err := said.may(r)
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return do(ctx, tx, o) }); err != nil {
		return err
	}
	return r.JSON(http.StatusOK, out)
}
