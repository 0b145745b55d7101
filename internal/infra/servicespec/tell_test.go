package servicespec_test

import (
	"errors"
	"testing"

	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
)

// TestTell tells the scenarios of the library again: each comes to where its own run comes to, and told so far as it can be
// it is kept as a scenario that passes.
func TestTell(t *testing.T) {
	t.Parallel()
	told := 0
	for _, p := range library.Packs() {
		svc, err := servicespec.Compile(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, sc := range p.Scenarios {
			played := svc.RunScenario(&sc)
			form, err := svc.Tell(&sc, false)
			if err != nil || form.Case != nil {
				t.Fatalf("%s: %s: the form alone is a case: %v", p.Code, sc.Name, err)
			}
			telling, err := svc.Tell(&sc, true)
			if err != nil {
				t.Fatal(err)
			}
			if telling.Case == nil {
				continue
			}
			told++
			if telling.Refused != nil {
				if want := sc.Steps[telling.Taken].Refused; want != telling.Refused.Why {
					t.Errorf("%s: %s: refused because of %s, not %s", p.Code, sc.Name, telling.Refused.Why, want)
				}
				if _, err := svc.Expecting(sc); err == nil {
					t.Errorf("%s: %s is kept although a step cannot be taken", p.Code, sc.Name)
				}
				continue
			}
			if last := played.Steps[len(played.Steps)-1]; telling.Case.State != last.State {
				t.Errorf("%s: %s is told to %s, and runs to %s", p.Code, sc.Name, telling.Case.State, last.State)
			}
			kept, err := svc.Expecting(sc)
			if err != nil {
				t.Fatal(err)
			}
			if again := svc.RunScenario(&kept); !again.OK() {
				t.Errorf("%s: %s, kept, does not pass: %v", p.Code, sc.Name, again.Failures)
			}
		}
	}
	if told < 3 {
		t.Errorf("only %d scenarios were told", told)
	}
}

func TestTryFees(t *testing.T) {
	t.Parallel()
	var pack *servicespec.Pack
	for _, p := range library.Packs() {
		if p.Code == "trade-licence" {
			pack = p
		}
	}
	pack.Workflow = servicespec.Workflow{} // whatever else is wrong
	tried := servicespec.TryFees(pack, servicespec.Answers{"request_kind": "new", "activity": "restaurant", "area": int64(20), "sells_alcohol": true}, servicespec.Facts{Currency: "CVE"})
	got := map[string]int64{}
	for _, l := range tried.Lines {
		got[l.Code] = l.Minor
	}
	if len(tried.Problems) > 0 || tried.Failed != "" || got["inspection"] != 150000 || got["alcohol"] != 300000 {
		t.Errorf("fees %v, failed %q, problems %v", got, tried.Failed, tried.Problems)
	}
	if tried := servicespec.TryFees(pack, nil, servicespec.Facts{}); tried.Failed != "licence" || len(tried.Needs) < 3 {
		t.Errorf("without answers: failed %q, needs %v", tried.Failed, tried.Needs)
	}
	pack.Fees[0].Amount = "nothing +"
	if tried := servicespec.TryFees(pack, nil, servicespec.Facts{}); len(tried.Problems) != 1 {
		t.Errorf("problems: %v", tried.Problems)
	}
}

// TestFeesAtReceipt: what an officer has to find out first is no error when the application comes in, where the service asks for
// money later; elsewhere it is one.
func TestFeesAtReceipt(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]error{"water-connection": nil, "trade-licence": servicespec.ErrFee} {
		svc, err := servicespec.Compile(library.Pack(code))
		if err != nil {
			t.Fatal(err)
		}
		if lines, _, err := svc.FeesAtReceipt(servicespec.Answers{"homes": "1"}, servicespec.Facts{}); !errors.Is(err, want) || len(lines) > 0 {
			t.Errorf("%s: %v, %v", code, lines, err)
		}
	}
}
