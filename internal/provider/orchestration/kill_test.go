package orchestration_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/orchestration/orchestrationtest"
)

// victim, in the environment, makes this program the one that is killed.
const victim = "DIGIT_KILL_VICTIM"

// kills is how often; DIGIT_KILLS asks for more.
func kills() int {
	if n, err := strconv.Atoi(os.Getenv("DIGIT_KILLS")); err == nil {
		return n
	}
	return 20
}

type victimSettings struct {
	URL    string
	Tenant uuid.UUID
	Root   []byte
}

// TestVictim submits, pays and acts until it is killed. It says what was committed, and nothing before it was.
func TestVictim(t *testing.T) {
	text := os.Getenv(victim)
	if text == "" {
		t.Skip("it is killed by TestKilled")
	}
	var set victimSettings
	if err := json.Unmarshal([]byte(text), &set); err != nil {
		t.Fatal(err)
	}
	h := orchestrationtest.Join(t, set.URL, set.Tenant, set.Root)
	staff := crew(h, works(t), 1)
	s := &street{t: t, House: h, clerk: h.Staff("Clara", "licence-clerk", "roads", ""), water: h.Staff("Wanda", "registrar", "water", "")}
	fmt.Println("ready")
	for {
		if rand.IntN(2) == 0 {
			s.dig()
			continue
		}
		w := &walk{t: t, h: h, staff: staff}
		h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) (err error) {
			w.svc, err = h.Catalog.Service(ctx, tx, "works", 0)
			return err
		})
		w.req = submit(h, "works", servicespec.Answers{"area": int64(100), "tall": false})
		h.Work()
		w.pay()
		for _, step := range []struct{ branch, action string }{{"", "propose"}, {"water", "water-yes"}, {"fire", "fire-object"}, {"", "grant"}} {
			if step.action == "grant" { // by another, whom separation asks for
				w.staff = crew(h, works(t), 1)
			}
			w.do(step.branch, 0, step.action, servicespec.Doing{})
			fmt.Println("acted", w.req.ID, step.action)
		}
	}
}

// submit sends a request and says so.
func submit(h *orchestrationtest.House, service string, answers servicespec.Answers) exchange.ServiceRequest {
	h.T.Helper()
	req := exchange.ServiceRequest{ID: id.New(), Kind: exchange.Apply, Reference: "K-" + id.Token(10), Service: service, Version: 1, Person: id.New(), Name: "Ana", Lang: "en"}
	body, err := json.Marshal(answers)
	if err != nil {
		h.T.Fatal(err)
	}
	req.Answers = body
	h.In(pg.Actor{ID: req.Person, Kind: "person"}, func(ctx context.Context, tx *pg.Tx) error {
		req.SubmittedAt = tx.Now
		return h.Exchange.SendRequest(ctx, tx, req)
	})
	fmt.Println("submitted", req.ID)
	return req
}

// dig is a case about which another agency is asked, and whose decision waits before it takes effect; half of them are undone first.
func (s *street) dig() {
	s.req = submit(s.House, "street", servicespec.Answers{"place": "Rua 5", "depth": int64(30)})
	s.Work()
	s.In(s.water.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		asked, err := s.Applications.Consultations(ctx, tx, s.water, orchestration.ConsultationFilter{Text: s.req.Reference}, page.Request{})
		if err != nil || len(asked.Rows) != 1 {
			return errors.Join(err, fmt.Errorf("the water board is asked %d times", len(asked.Rows)))
		}
		return s.Applications.Advise(ctx, tx, asked.Rows[0].ID, s.water, orchestration.Advice{Answer: servicespec.OpinionClear})
	})
	fmt.Println("advised", s.req.ID)
	s.Work()
	r := &room{House: s.House, app: s.req.ID}
	r.try(s.clerk, "allow", "")
	fmt.Println("held", s.req.ID)
	if rand.IntN(2) == 0 {
		if err := r.undo(s.clerk); err != nil {
			s.t.Fatal(err)
		}
		fmt.Println("undone", s.req.ID)
		r.try(s.clerk, "allow", "")
	}
	s.Travel(61 * time.Second)
	fmt.Println("acted", s.req.ID, "allow")
}

// TestKilled kills a process that submits and acts, asks other agencies and decides with time to undo, at random moments: what it said was done is done, nothing is there twice, nothing is there
// in part, and what it left behind goes on.
func TestKilled(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	offer(h, works(t))
	offer(h, streetPack(t))
	h.Undoable(60)
	settings, err := json.Marshal(victimSettings{pgtest.AppURL(t), h.Tenant, h.Root})
	if err != nil {
		t.Fatal(err)
	}
	dice := rand.New(rand.NewPCG(uint64(kills()), 11))
	var said []string
	for range kills() {
		said = append(said, kill(t, string(settings), time.Duration(dice.IntN(1200))*time.Millisecond)...)
	}
	h.Responses()
	adopt(t, h)
	h.Work()
	h.Travel(2 * time.Minute) // what was held takes effect
	check(t, h, said)
}

// kill starts a victim, lets it work for a while, and kills it. It returns what the victim said was done.
func kill(t *testing.T, settings string, after time.Duration) (said []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestVictim$", "-test.count=1")
	cmd.Env = append(os.Environ(), victim+"="+settings)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		switch line := lines.Text(); {
		case line == "ready":
			time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		case slices.Contains([]string{"submitted", "acted", "advised", "held", "undone"}, strings.SplitN(line, " ", 2)[0]):
			said = append(said, line)
		case strings.HasPrefix(line, "--- FAIL"):
			t.Errorf("a victim failed before it was killed: %s", line)
		default:
			t.Logf("victim: %s", line)
		}
	}
	_ = cmd.Wait() // it says that it was killed
	return said
}

// adopt hands the jobs of the dead to this process, as the rescue of the queue does after a while.
func adopt(t *testing.T, h *orchestrationtest.House) {
	t.Helper()
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		var own string
		probe := &exchange.DeliverArgs{Message: id.New()} // by its message: the newest job may be another test's
		if err := tx.Enqueue(ctx, probe); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `DELETE FROM river.river_job WHERE args->>'message' = $1 RETURNING queue`, probe.Message.String()).Scan(&own); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE river.river_job SET queue = $1, state = 'available', finalized_at = NULL, scheduled_at = now()
			WHERE args->>'tenant_id' = $2 AND state IN ('running', 'available', 'retryable', 'scheduled')`, own, h.Tenant)
		return err
	})
}

func check(t *testing.T, h *orchestrationtest.House, said []string) {
	t.Helper()
	count := func(query string, args ...any) (n int) {
		h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) })
		return n
	}
	for _, line := range said {
		words := strings.Fields(line)
		if n := count(`SELECT count(*) FROM workflow.instance WHERE id = $1`, words[1]); n != 1 {
			t.Errorf("%s: %d cases", line, n)
		}
		switch words[0] {
		case "acted":
			if n := count(`SELECT count(*) FROM workflow.transition WHERE instance_id = $1 AND action = $2 AND cause = 'staff'`, words[1], words[2]); n != 1 {
				t.Errorf("%s: %d moves", line, n)
			}
		case "advised":
			if n := count(`SELECT count(*) FROM orchestration.opinion WHERE application_id = $1 AND status = 'given' AND answer = 'no_objection'`, words[1]); n != 1 {
				t.Errorf("%s: %d opinions", line, n)
			}
		case "held", "undone":
			if n := count(`SELECT count(*) FROM workflow.transition WHERE instance_id = $1 AND cause = $2`, words[1], words[0]); n < 1 {
				t.Errorf("%s: it is not in the history", line)
			}
		}
	}
	for what, query := range map[string]string{
		"requests that were sent and are no case": `SELECT count(DISTINCT m.request_id) FROM exchange.message m LEFT JOIN workflow.instance i ON i.id = m.request_id
			WHERE i.id IS NULL AND NOT EXISTS (SELECT 1 FROM orchestration.opinion o WHERE o.id = m.request_id)`,
		"applications without case":             `SELECT count(*) FROM orchestration.application a LEFT JOIN workflow.instance i ON i.id = a.id WHERE i.id IS NULL`,
		"cases told of twice":                   `SELECT count(*) FROM (SELECT request_id FROM exchange.message WHERE kind = 'received' GROUP BY request_id HAVING count(*) > 1) x`,
		"demands that no charge knows":          `SELECT count(*) FROM payment.demand d LEFT JOIN orchestration.charge c ON c.demand_id = d.id WHERE c.id IS NULL`,
		"cases charged twice":                   `SELECT count(*) FROM (SELECT application_id FROM orchestration.charge WHERE status <> 'cancelled' GROUP BY application_id HAVING count(*) > 1) x`,
		"paid demands without receipt":          `SELECT count(*) FROM payment.demand d LEFT JOIN payment.receipt r ON r.demand_id = d.id WHERE d.status = 'paid' AND r.id IS NULL`,
		"charges paid without a demand that is": `SELECT count(*) FROM orchestration.charge c JOIN payment.demand d ON d.id = c.demand_id WHERE (c.status = 'paid') <> (d.status = 'paid')`,
		"revisions that are missing":            `SELECT count(*) FROM workflow.instance i WHERE i.rev < (SELECT max(rev) FROM workflow.transition t WHERE t.instance_id = i.id)`,
		"cases past a fee that is not paid":     `SELECT count(*) FROM workflow.instance i JOIN orchestration.charge c ON c.application_id = i.id WHERE i.state = 'check' AND c.status = 'open'`,
		"decided cases without decision":        `SELECT count(*) FROM workflow.instance i LEFT JOIN orchestration.decision d ON d.application_id = i.id WHERE i.kind = 'end' AND d.round IS NULL`,
		"messages left behind":                  `SELECT count(*) FROM exchange.message WHERE status <> 'delivered'`,
		"opinions that nobody was asked for":    `SELECT count(*) FROM orchestration.opinion o LEFT JOIN orchestration.consultation c ON c.id = o.id WHERE c.id IS NULL`,
		"agencies asked by nobody":              `SELECT count(*) FROM orchestration.consultation c LEFT JOIN orchestration.opinion o ON o.id = c.id WHERE o.id IS NULL`,
		"answers that have not come":            `SELECT count(*) FROM orchestration.consultation c JOIN orchestration.opinion o ON o.id = c.id WHERE c.status = 'answered' AND o.status <> 'given'`,
		"cases that still wait for an answer":   `SELECT count(*) FROM workflow.instance i JOIN orchestration.opinion o ON o.application_id = i.id WHERE i.state = 'review' AND o.status = 'given'`,
		"decisions that are still held":         `SELECT count(*) FROM workflow.instance WHERE kind = 'held'`,
		"held decisions that are neither carried out nor undone, once": `SELECT count(*) FROM (
			SELECT count(*) FILTER (WHERE cause = 'held') AS held, count(*) FILTER (WHERE cause IN ('staff', 'undone', 'lapsed')) AS over
			FROM workflow.transition WHERE action = 'allow' GROUP BY instance_id) x WHERE held <> over`,
		"cases decided twice":         `SELECT count(*) FROM (SELECT 1 FROM orchestration.decision GROUP BY application_id HAVING count(*) > 1) x`,
		"branches that nobody joined": `SELECT count(*) FROM workflow.instance i WHERE i.kind = 'parallel' AND (SELECT count(*) FROM workflow.branch b WHERE b.instance_id = i.id AND b.kind = 'done') > 1`,
	} {
		if n := count(query); n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
	if n := count(`SELECT count(*) FROM orchestration.application`); n == 0 || len(said) == 0 {
		t.Errorf("the victims did nothing: %d applications, %d said", n, len(said))
	}
	t.Logf("%d kills, %d said, %d applications, %d decided", kills(), len(said), count(`SELECT count(*) FROM orchestration.application`), count(`SELECT count(*) FROM orchestration.decision`))
}
