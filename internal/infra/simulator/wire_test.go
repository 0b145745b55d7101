package simulator_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/platform/money"
	"digit/internal/infra/simulator"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestWire keeps the format in which the card provider is spoken to; the gateway's own test reads the same files.
func TestWire(t *testing.T) {
	t.Parallel()
	ref, reference := uuid.MustParse("0199a000-0000-7000-8000-000000000001"), "0199a000-0000-7000-8000-000000000002"
	amount := money.Amount{Minor: 200_000, Currency: "CVE"}
	for file, v := range map[string]any{
		"order.json": simulator.ChargeOrder{
			Reference: reference, Amount: amount, Description: "FAT-2026-000001 · LIC-2026-000007",
			ReturnURL: "https://cv.example/back", WebhookURL: "https://cv.example/hooks/payment/sandbox",
		},
		"charge.json": simulator.CardCharge{
			Ref: ref, Reference: reference, Amount: amount, Description: "FAT-2026-000001 · LIC-2026-000007",
			ReturnURL: "https://cv.example/back", Status: simulator.ChargeFailed, Failure: "declined", URL: "https://cv.example/sim/cards/pay/" + ref.String(),
			CreatedAt: time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC),
		},
		"notice.json": simulator.CardNotice{Type: "charge.failed", Data: simulator.CardNoticeData{Ref: ref, Reference: reference, Amount: amount, Failure: "declined"}},
	} {
		got, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", file)
		if *update {
			if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		golden, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(golden), string(got)+"\n"); diff != "" {
			t.Error(diff)
		}
	}
}
