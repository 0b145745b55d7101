package edge

import "testing"

func TestWalk(t *testing.T) {
	t.Parallel()
	h := open(t)
	app, item, credential := h.issued(t, h.citizen(t, "Joana Lima"))
	t.Log(app.ID, item, credential)
}
