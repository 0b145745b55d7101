package archtest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Peers counts our column of docs/peers.md.
type Peers struct{ Yes, Partly, No int }

var (
	peerRow  = regexp.MustCompile(`(?m)^\| (\d+) \| (.*) \|$`)
	evidence = regexp.MustCompile("`([^`]+)`")
)

// CheckPeers counts what our column of docs/peers.md says, by row, and returns what is wrong with it: a yes or a partly needs a
// test or a page that shows it, each in backquotes (`folder TestName`, `GET /page`) and there; a no needs a reason.
func CheckPeers(root string) (count Peers, broken []string, err error) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "peers.md"))
	if err != nil {
		return count, nil, err
	}
	routes, err := os.ReadFile(filepath.Join(root, "test", "edge", "testdata", "routes.golden"))
	if err != nil {
		return count, nil, err
	}
	shown, err := testsBelow(root)
	if err != nil {
		return count, nil, err
	}
	for line := range strings.Lines(string(routes)) {
		if fields := strings.Fields(line); len(fields) > 1 {
			shown[fields[0]+" "+fields[1]] = true
		}
	}
	for _, m := range peerRow.FindAllStringSubmatch(string(text), -1) {
		cells := strings.Split(m[2], " | ")
		ours, why := cells[1], cells[len(cells)-1]
		found := 0
		for _, e := range evidence.FindAllStringSubmatch(why, -1) {
			if found++; !shown[e[1]] {
				broken = append(broken, fmt.Sprintf("row %s: there is no %s", m[1], e[1]))
			}
		}
		switch {
		case ours == "**Y**" && found > 0:
			count.Yes++
		case ours == "**P**" && found > 0:
			count.Partly++
		case ours == "**N**" && why != "":
			count.No++
		default:
			broken = append(broken, fmt.Sprintf("row %s: %s and %q do not go together", m[1], ours, why))
		}
	}
	return count, broken, nil
}
