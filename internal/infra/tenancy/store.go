package tenancy

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy/internal/tenancydb"
)

var queries = tenancydb.New()

func readSettings(ctx context.Context, tx *pg.Tx) (Settings, error) {
	row, err := queries.GetSetting(ctx, tx)
	if pg.NotFound(err) {
		return Settings{}, ErrNoSettings
	}
	if err != nil {
		return Settings{}, err
	}
	s := Settings{
		Languages: row.Languages, DefaultLanguage: row.DefaultLanguage, Currency: row.Currency, Zone: row.Zone,
		PhoneRegion: row.PhoneRegion, Accent: row.Accent, ContactEmail: row.ContactEmail, ContactPhone: row.ContactPhone,
		StaffSecondFactor: row.StaffSecondFactor, ApprovalStepUpOver: row.ApprovalStepUpOver, StaffNamed: row.StaffNamed,
		UndoSeconds: int(row.UndoSeconds), KeptDecidedYears: int(row.KeptDecidedYears), KeptPaidYears: int(row.KeptPaidYears),
	}
	if row.Wording != nil {
		s.Wording = *row.Wording
	}
	if err := json.Unmarshal(row.Name, &s.Name); err != nil {
		return Settings{}, err
	}
	return s, json.Unmarshal(row.Tagline, &s.Tagline)
}

func writeSettings(ctx context.Context, tx *pg.Tx, s Settings) error {
	name, err := json.Marshal(texts(s.Name))
	if err != nil {
		return err
	}
	tagline, err := json.Marshal(texts(s.Tagline))
	if err != nil {
		return err
	}
	return queries.PutSetting(ctx, tx, tenancydb.PutSettingParams{
		Name: name, Tagline: tagline, Languages: s.Languages, DefaultLanguage: s.DefaultLanguage, Currency: s.Currency, Zone: s.Zone,
		PhoneRegion: s.PhoneRegion, Accent: s.Accent, ContactEmail: s.ContactEmail, ContactPhone: s.ContactPhone, ChangedAt: tx.Now,
		StaffSecondFactor: s.StaffSecondFactor, ApprovalStepUpOver: s.ApprovalStepUpOver, StaffNamed: s.StaffNamed,
		UndoSeconds: int32(s.UndoSeconds), KeptDecidedYears: int32(s.KeptDecidedYears), KeptPaidYears: int32(s.KeptPaidYears),
	})
}

// texts writes a missing text as an empty object, not as null.
func texts(t i18n.Text) i18n.Text {
	if t == nil {
		return i18n.Text{}
	}
	return t
}

// readHosts returns the first host name of each tenant from the platform's directory.
func readHosts(ctx context.Context, db *pg.DB) (map[uuid.UUID]string, error) {
	rows, err := db.Directory().Query(ctx, `SELECT tenant_id, min(host) FROM platform.domain GROUP BY tenant_id`)
	if err != nil {
		return nil, err
	}
	hosts := map[uuid.UUID]string{}
	var tenant uuid.UUID
	var host string
	_, err = pgx.ForEachRow(rows, []any{&tenant, &host}, func() error {
		hosts[tenant] = host
		return nil
	})
	return hosts, err
}
