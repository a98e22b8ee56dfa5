// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

/// Runs a command that comes to wait for the other end of `pipe`, which somebody holds open for reading if it is `held`
/// and never reads, and asks it once to end when it sleeps; gives the status, which is 137 for one that goes on sleeping.
private func statusWhenAskedToEnd(
  _ place: Workplace, _ command: String, held: Bool = true, environment: [String: String] = [:]
) throws -> String {
  try place.shell(
    """
    mkfifo pipe
    \(held ? "sleep 600 < pipe & others=$!" : "others=")
    sh -c 'exec \(command)' 2> messages & it=$!
    looks=0
    while [ $looks -lt 5 ]; do
      sleep 0.1
      case $(cut -d ' ' -f 3 /proc/$it/stat || ps -o state= -p $it) in
      S*) looks=$((looks + 1)) ;;
      *) looks=0 ;;
      esac
    done
    kill -TERM $it
    (sleep 30; kill -KILL $it) > /dev/null 2>&1 & others="$others $!"
    wait $it
    echo $?
    kill $others
    """, environment: environment
  ).text
}

@Test(arguments: [
  "chartok --force -o pipe prose", "chartok -o new pipe", "chartrain -q -c pipe -o new prose",
  "charmodel import --from keras -o new pipe", "charsample -m pipe -n 1",
])
func whoWaitsForTheOtherEndOfAPipeEndsWhenAsked(command: String) throws {
  let place = try Workplace.withModel(["prose": Prose.text(lines: 20)])
  #expect(try statusWhenAskedToEnd(place, command, held: false) == "143\n")
  #expect(try place.text("messages") == "")
  #expect(try place.names() == ["m", "messages", "pipe", "prose"])
}

@Test(arguments: [
  "charsample -m m -q --prompt T -n inf > pipe",
  "chartok encode -c charset prose > pipe", "chartok encode -c charset -o pipe prose",
])
func whoWaitsForAReaderThatHasStoppedEndsWhenAsked(command: String) throws {
  let place = try Workplace.withModel(["prose": Prose.text(lines: 3000)])
  try place.run("chartok", "-o", "charset", "prose").done()
  #expect(try statusWhenAskedToEnd(place, command) == "143\n")
  #expect(try place.text("messages") == "")
}

@Test func aTrainingWhoseMessagesNobodyReadsSavesItsModelWhenAskedToEnd() throws {
  let place = try Workplace(["prose": Prose.text(lines: 20)])
  let command =
    "chartrain --layers 2 --epochs 1000000 --patience 0 --display-length 2000 --threads 1 -o m prose 2> pipe"
  #expect(try statusWhenAskedToEnd(place, command) == "143\n")
  try place.run("charsample", "-m", "m", "--prompt", "T", "-n", "5").done()
}

@Test func aModelThatNobodyFetchesIsSavedWhenAskedToEnd() throws {
  let place = try Workplace(["prose": Prose.text(lines: 20)])
  let command = "chartrain -q --layers 8 --epochs 1 --no-baselines --threads 1 --force -o pipe prose"
  #expect(
    try statusWhenAskedToEnd(place, command, held: false, environment: ["TMPDIR": "."]) == "143\n")
  #expect(
    try place.text("messages").hasPrefix("chartrain: pipe: interrupted system call; the model was written"))
  let saved = try #require(place.names().first { $0.hasSuffix(".safetensors") })
  try place.run("charsample", "-m", saved, "--prompt", "T", "-n", "5").done()
}
