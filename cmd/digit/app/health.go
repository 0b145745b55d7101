package app

import (
	"encoding/json"
	"net/http"

	"digit/internal/provider/console"
)

// healthz answers as long as the process runs.
func (a *App) healthz(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, nil) }

// readyz answers 200 when requests can be served: the database is there and at this version, and jobs are worked.
func (a *App) readyz(w http.ResponseWriter, r *http.Request) {
	checks := a.Console.Ready(r.Context(), a.DB)
	status := http.StatusOK
	for _, c := range checks {
		if c.State == console.Fail {
			status = http.StatusServiceUnavailable
		}
	}
	answer(w, status, checks)
}

func answer(w http.ResponseWriter, status int, checks []console.Check) {
	type line struct {
		Check string `json:"check"`
		State string `json:"state"`
	}
	body := struct {
		Status string `json:"status"`
		Checks []line `json:"checks,omitempty"`
	}{Status: http.StatusText(status)}
	for _, c := range checks {
		body.Checks = append(body.Checks, line{c.Name, string(c.State)})
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		return // the one who asked went away
	}
}
