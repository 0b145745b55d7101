// Package journey walks through the whole product as people do: it starts bin/digit with the demonstration state in a
// folder of its own, opens it in a real browser and goes the ways of citizens, officers and administrators, in three
// languages, two directions, with and without scripts. What the journeys need is documented in package browser.
//
// DIGIT_BIN names the binary; without it the tests build one. DIGIT_SHOTS names a directory for pictures of the
// surfaces, which README shows.
package journey
