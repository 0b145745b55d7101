package desk_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"digit/web/hook/hooktest"
)

const screen = "/queue/cmp/balcao"

var (
	tokenPath = regexp.MustCompile(`^/queue/tickets/[0-9a-f-]{36}$`)
	topicRow  = regexp.MustCompile(`href="(/appointments/new/cmp/balcao/[A-Z])"`)
	slotValue = regexp.MustCompile(`type="radio"[^>]*value="(\d+)"|value="(\d+)"[^>]*type="radio"`)
)

// TestQueue gives out tokens, calls them to a counter, and shows on the screen who is called, without a name.
func TestQueue(t *testing.T) {
	t.Parallel()
	boss, v, passer := at(t, supervisor, "en"), at(t, second, "en"), hooktest.Visit(t, "en")
	want(t, boss.Post("/desk/queue/topics", url.Values{"code": {"7"}, "minutes": {"x"}, "places": {"99"}}, http.StatusUnprocessableEntity), `href="#code"`, `href="#minutes"`, `href="#places"`)
	boss.Post("/desk/queue/topics", url.Values{"code": {"q"}, "name.en": {"Questions"}, "minutes": {"10"}, "places": {"0"}}, http.StatusSeeOther)
	want(t, boss.Get("/desk/queue/topics?edit=Q", http.StatusOK), `value="Questions"`)
	v.Get("/desk/queue/topics", http.StatusForbidden)

	want(t, passer.Get(screen, http.StatusOK), "Questions", "Take a token")
	var tokens []string
	for range 2 {
		to := passer.Post(screen+"/take", url.Values{"topic": {"Q"}}, http.StatusSeeOther)
		if !tokenPath.MatchString(to) {
			t.Fatalf("a token is shown at %s", to)
		}
		tokens = append(tokens, to)
	}
	want(t, passer.Get(tokens[1], http.StatusOK), "Q002", "Before you: 1.", "Expected wait")
	passer.Post(screen+"/take", url.Values{"topic": {"Z"}}, http.StatusNotFound)
	passer.Get("/queue/nobody/nowhere", http.StatusNotFound)

	want(t, v.Post("/desk/queue/next", url.Values{"counter": {" "}}, http.StatusUnprocessableEntity), `href="#counter"`)
	next := url.Values{"counter": {"Counter 9"}, "topic": {"Q"}}
	v.Post("/desk/queue/next", next, http.StatusSeeOther)
	want(t, v.Get("/desk/queue", http.StatusOK), "Q001", "Q002", "Questions", `value="Counter 9"`)
	want(t, passer.Get(screen, http.StatusOK), "Q001", "Counter 9")
	want(t, passer.Get(tokens[0], http.StatusOK), "It is your turn: Counter 9")
	v.Post("/desk/queue/end/waiting", nil, http.StatusSeeOther)
	v.Post("/desk/queue/end/absent", nil, http.StatusSeeOther)
	want(t, passer.Get(tokens[0], http.StatusOK), "nobody came")
	v.Post("/desk/queue/next", next, http.StatusSeeOther)
	if to := v.Post("/desk/queue/next", next, http.StatusSeeOther); !strings.HasSuffix(to, "nobody_waits") {
		t.Errorf("with nobody left it leads to %s", to)
	}
	want(t, passer.Get(tokens[1], http.StatusOK), "has been served")
}

// TestAppointment is booked online, told, given back, booked again, and called at the desk.
func TestAppointment(t *testing.T) {
	t.Parallel()
	supervising.Lock()
	defer supervising.Unlock()
	v, who := at(t, supervisor, "en"), somebody()
	person := registered(t, v, who)
	agreed(t, v, person, who)
	v.Post("/desk/visit/end", nil, http.StatusSeeOther)
	citizen := signedIn(t, who.Get("phone"))
	book := topicRow.FindStringSubmatch(citizen.Get("/appointments", http.StatusOK))
	if book == nil {
		t.Fatal("nothing can be booked")
	}
	page := citizen.Get(book[1], http.StatusOK)
	slot := slotValue.FindStringSubmatch(page)
	if slot == nil {
		t.Fatalf("no time is free: %s", hooktest.Text(page))
	}
	chosen := url.Values{"at": {slot[1] + slot[2]}}
	citizen.Post(book[1], url.Values{}, http.StatusUnprocessableEntity)
	citizen.Post(book[1], url.Values{"at": {"12345"}}, http.StatusConflict)
	citizen.Post(book[1], chosen, http.StatusSeeOther)
	want(t, citizen.Post(book[1], chosen, http.StatusConflict), "You have an appointment for this already")
	mine := citizen.Get("/appointments", http.StatusOK)
	want(t, mine, "Praia One-Stop Counter", "Booked")
	cancel := regexp.MustCompile(`/appointments/[0-9a-f-]{36}/cancel`).FindString(mine)
	hooktest.Eventually(t, "the appointment is told", func() string {
		s := hooktest.Text(citizen.Get("/simulator/messages?address="+url.QueryEscape(who.Get("phone")), http.StatusOK))
		if !strings.Contains(s, "You have an appointment") {
			return ""
		}
		return s
	})
	citizen.Get(cancel, http.StatusOK)
	other := hooktest.Visit(t, "en")
	other.SignIn("maria.tavares@correio.example", false)
	other.Post(cancel, nil, http.StatusNotFound)
	citizen.Post(cancel, nil, http.StatusSeeOther)
	citizen.Post(cancel, nil, http.StatusSeeOther)
	want(t, citizen.Get("/appointments", http.StatusOK), "Cancelled")
	citizen.Post(book[1], chosen, http.StatusSeeOther)
	v.Get("/desk/queue", http.StatusOK)
}

// TestCalls notes what somebody asked, and finds it again.
func TestCalls(t *testing.T) {
	t.Parallel()
	v, who := at(t, operator, "en"), somebody()
	person := registered(t, v, who)
	want(t, v.Get(person+"/calls", http.StatusOK), "There are no notes yet")
	want(t, v.Post(person+"/calls", url.Values{"text": {" "}}, http.StatusUnprocessableEntity), `href="#way"`, `href="#text"`, `href="#outcome"`)
	v.Post(person+"/calls", url.Values{"way": {"phone_in"}, "outcome": {"follow_up"}, "text": {"Asked for " + who.Get("name")}, "reference": {"lic-1"}}, http.StatusSeeOther)
	want(t, v.Get(person+"/calls", http.StatusOK), "Asked for "+who.Get("name"), "LIC-1", "To be followed up", "Celina Fortes")
	want(t, v.Get("/desk/calls?show=open", http.StatusOK), who.Get("name"))
	hooktest.Visit(t, "en").Get("/desk/calls", http.StatusSeeOther)
}
