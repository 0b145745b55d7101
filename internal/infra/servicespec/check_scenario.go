package servicespec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"digit/internal/infra/platform/civil"
)

// scenarios checks that the stories told can be played at all; whether they come out as they say is found by playing them.
func (c *checker) scenarios() {
	seen := map[string]bool{}
	for i := range c.pack.Scenarios {
		sc := &c.pack.Scenarios[i]
		at := fmt.Sprintf("scenarios.%d", i)
		if strings.TrimSpace(sc.Name) == "" {
			c.say(at+".name", "text_missing")
		}
		c.one(at+".name", sc.Name, seen)
		for path, day := range map[string]string{at + ".today": sc.Today} {
			if _, err := civil.Parse(day); err != nil {
				c.say(path, "scenario_day", "day", day)
			}
		}
		for j, day := range sc.Holiday {
			if _, err := civil.Parse(day); err != nil {
				c.say(fmt.Sprintf("%s.holidays.%d", at, j), "scenario_day", "day", day)
			}
		}
		for _, code := range slices.Sorted(maps.Keys(sc.Answers)) {
			if c.s.questions[code] == nil && c.s.screening[code] == nil {
				c.say(at+".answers."+code, "scenario_answer", "code", code)
			}
		}
		c.expected(at+".expect", sc.Expect)
		for j := range sc.Steps {
			c.step(fmt.Sprintf("%s.steps.%d", at, j), &sc.Steps[j])
		}
	}
}

// expected checks that what is expected to be asked, or not, is a question at all.
func (c *checker) expected(at string, e *Expect) {
	if e == nil {
		return
	}
	for key, codes := range map[string][]string{"visible": e.Visible, "hidden": e.Hidden} {
		for i, code := range codes {
			if c.s.question(code) == nil {
				c.say(fmt.Sprintf("%s.%s.%d", at, key, i), "scenario_answer", "code", code)
			}
		}
	}
}

func (c *checker) step(at string, st *Step) {
	said := 0
	for _, s := range []bool{st.Do != "", st.Wait != "", st.Correct != nil, st.Opinions != nil, st.Signal != ""} {
		if s {
			said++
		}
	}
	if said != 1 {
		c.say(at, "scenario_step")
	}
	if st.Do != "" && c.s.Action(st.Do) == nil {
		c.say(at+".do", "action_unknown", "code", st.Do)
	}
	for _, code := range slices.Sorted(maps.Keys(st.Opinions)) {
		if !slices.Contains(c.pack.Workflow.OpinionCodes(), code) {
			c.say(at+".opinions."+code, "opinion_unknown", "code", code)
		}
		c.oneOf(at+".opinions."+code, st.Opinions[code], Opinions()...)
	}
	c.within(at+".wait", st.Wait)
	c.expected(at+".expect", st.Expect)
	if st.Signal != "" {
		c.oneOf(at+".signal", st.Signal, OnPaid)
	}
}
