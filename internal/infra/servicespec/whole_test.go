package servicespec_test

import (
	"testing"

	"digit/internal/infra/servicespec"
)

func TestWholeHasNoProblems(t *testing.T) {
	t.Parallel()
	for _, pr := range servicespec.Check(parse(t, whole)) {
		t.Error(pr)
	}
}
