# SPDX-License-Identifier: GPL-3.0-or-later
#
# awk -f tunes.awk [-v tunes=N] [-v seed=N]: writes tunes in ABC notation, made by rule, for a model to learn. No one
# composed them. Each is a jig, a reel or a waltz of eight bars, A A' B A', in a key and a mode; a bar steps through the
# scale and comes back to the tonic's chord on strong beats, and the last bar of a half ends on the tonic.
BEGIN {
  if (!tunes) tunes = 3000
  if (!seed) seed = 1
  state = seed
  split("C D E F G A B c d e f g a b", notes, " ")
  split("D G A C", tonics, " ")
  # Where the tonics stand among the notes.
  place["C"] = 1; place["D"] = 2; place["G"] = 5; place["A"] = 6
  split("jig reel waltz", rhythms, " ")
  split("Mist Fox Mill Road Harbour Winter Lark Bridge Apple Weaver Morning Rose", things, " ")
  split("Old New Merry Grey Lost Long Little Silver Windy Quiet", kinds, " ")
  for (tune = 1; tune <= tunes; tune++) write(tune)
}

# A whole number below n. Arithmetic of our own, for each awk has another rand().
function below(n) {
  state = (state * 16807) % 2147483647
  return int(state / 2147483647 * n)
}

function bar(rhythm, last,   text, beats, at, note, step) {
  beats = rhythm == "jig" ? 6 : rhythm == "reel" ? 8 : 6
  at = tonic + (below(2) ? 0 : below(2) ? 2 : 4)
  text = ""
  for (note = 1; note <= beats; note++) {
    if (note > 1 && group(rhythm) && (note - 1) % group(rhythm) == 0) {
      text = text " "
      if (below(3) == 0) at = tonic + 2 * below(3)
    }
    if (last && note == beats - 1) return text notes[tonic] "2"
    if (rhythm == "waltz" && note < beats && note % 2 && below(2)) { text = text notes[at] "2"; note++ }
    else text = text notes[at]
    step = below(5) - 2
    at += step ? step : 1
    if (at < 1) at = 2
    if (at > 14) at = 13
  }
  return text
}

function group(rhythm) { return rhythm == "jig" ? 3 : rhythm == "reel" ? 4 : 2 }

function write(number,   rhythm, key, n, i, part) {
  rhythm = rhythms[1 + below(3)]
  key = tonics[1 + below(4)]
  tonic = place[key]
  print "X:" number
  print "T:The " kinds[1 + below(10)] " " things[1 + below(12)]
  print "R:" rhythm
  print "M:" (rhythm == "jig" ? "6/8" : rhythm == "reel" ? "4/4" : "3/4")
  print "L:1/8"
  print "K:" key (below(3) ? "" : "mix")
  for (n = 1; n <= 2; n++) {
    for (i = 1; i <= 3; i++) part[i] = bar(rhythm, 0)
    print "|:" part[1] "|" part[2] "|" part[1] "|" part[3] "|"
    print part[1] "|" part[2] "|" part[3] "|" bar(rhythm, 1) ":|"
  }
  print ""
}
