package payment_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"digit/internal/infra/payment"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestEvents keeps what others read: fields may be added, none changed.
func TestEvents(t *testing.T) {
	t.Parallel()
	u := uuid.MustParse("0199a000-0000-7000-8000-000000000001")
	v := uuid.MustParse("0199a000-0000-7000-8000-000000000002")
	for _, ev := range []pg.Event{
		payment.DemandRaised{Demand: u, Number: "FAT-2026-000001", Payer: v, Subject: "application", SubjectID: v, Service: "trade-licence", Agency: "cmp", Amount: cve(200_000)},
		payment.DemandPaid{
			Demand: u, Subject: "application", SubjectID: v, Service: "trade-licence", Agency: "cmp", Amount: cve(200_000), Receipt: "REC-2026-000001",
			PaidAt: time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC),
		},
		payment.DemandReopened{Demand: u, Subject: "application", SubjectID: v, Service: "trade-licence", Agency: "cmp", Amount: cve(200_000), Receipt: "REC-2026-000001"},
		payment.ChargeFailed{Charge: v, Demand: u, Subject: "application", SubjectID: v, Failure: "declined"},
		payment.ChargeDisputed{Charge: v, Demand: u, Subject: "application", SubjectID: v, Amount: cve(200_000)},
	} {
		got, err := json.MarshalIndent(ev, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", ev.EventName()+".json")
		if *update {
			if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		golden, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(golden), string(got)+"\n"); diff != "" {
			t.Error(diff)
		}
		if ev.EventSubject() != u.String() {
			t.Errorf("%s is about %s", ev.EventName(), ev.EventSubject())
		}
	}
}

// TestChargeStates walks at random: a charge never leaves a dispute, and money that came is never un-come.
func TestChargeStates(t *testing.T) {
	t.Parallel()
	all := []payment.ChargeStatus{payment.Created, payment.Pending, payment.Succeeded, payment.FailedPay, payment.Expired, payment.Disputed}
	rapid.Check(t, func(t *rapid.T) {
		at, came := payment.Created, false
		for range 20 {
			next := rapid.SampledFrom(all).Draw(t, "next")
			if !at.May(next) {
				continue
			}
			at = next
			if came && at != payment.Succeeded && at != payment.Disputed {
				t.Fatalf("after success: %s", at)
			}
			came = came || at == payment.Succeeded
			if at == payment.Disputed && !came {
				t.Fatal("disputed without being paid")
			}
			if at.Open() && at.May(payment.Disputed) {
				t.Fatal("an open charge is disputed")
			}
		}
	})
}

func TestLines(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fee := func(minor int64, currency string) payment.Line {
		return payment.Line{Code: "x", Name: i18n.Text{"pt": "x"}, Amount: money.Amount{Minor: minor, Currency: currency}}
	}
	unnamed := fee(1, "CVE")
	unnamed.Name = nil
	for name, c := range map[string]struct {
		lines []payment.Line
		want  error
	}{
		"none":           {nil, payment.ErrLines},
		"unnamed":        {[]payment.Line{unnamed}, payment.ErrLines},
		"two currencies": {[]payment.Line{fee(5, "CVE"), fee(5, "EUR")}, payment.ErrAmount},
		"nothing":        {[]payment.Line{fee(5, "CVE"), fee(-5, "CVE")}, payment.ErrAmount},
		"less than that": {[]payment.Line{fee(5, "CVE"), fee(-6, "CVE")}, payment.ErrAmount},
		"astronomical":   {[]payment.Line{fee(1<<60, "CVE")}, payment.ErrLines},
		"no currency":    {[]payment.Line{fee(5, "")}, payment.ErrAmount},
	} {
		in := bill(uuid.New())
		in.Lines = c.lines
		err := b.try(func(ctx context.Context, tx *pg.Tx) error { _, err := b.Raise(ctx, tx, in); return err })
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if b.count("refdata.counter") != 0 {
		t.Error("a refused demand took a number")
	}
}
