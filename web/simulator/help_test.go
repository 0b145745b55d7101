package simulator_test

import (
	"encoding/json"
	"testing"
)

func decode(t *testing.T, body string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), into); err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
}
