// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization
import Testing

@testable import CharLSTM

struct TeamTests {
  @Test(arguments: [1, 2, 3, 9])
  func everyPieceIsDoneOnceBeforeTheNextWorkBegins(_ threads: Int) {
    let runs = Mutex<[Int]>([])
    Team.gather(Workers(count: threads)) { team in
      #expect((team == nil) == (threads == 1))
      guard let team else { return }
      for pieces in [0, 1, 2, 5, 8] {
        for _ in 1...200 {
          runs.withLock { $0 = [Int](repeating: 0, count: pieces) }
          team.share(pieces) { piece in runs.withLock { $0[piece] += 1 } }
          let counts = runs.withLock { $0 }
          if counts != [Int](repeating: 1, count: pieces) { Issue.record("\(counts) of \(pieces)") }
        }
      }
    }
  }

  @Test(arguments: Kernels.levels, [false, true])
  func aStepByATeamIsAStepAlone(_ level: String, coupled: Bool) throws {
    for layerSizes in [[1], [17, 33], [128, 31], [160, 160]] {
      let configuration = try Configuration(symbolCount: 7, layerSizes: layerSizes)
      let parameters = Parameters(configuration)
      var random = PhiloxGenerator(seed: 3)
      parameters.initialize(.scaled, using: &random)
      if coupled { parameters.couple() }
      let network = Network(parameters, kernels: try Kernels(named: level))
      let states = Mutex<[[Float]]>([])
      let run = { @Sendable (team: Team?) in
        let chunk = Chunk(configuration, rows: 1, capacity: 1)
        for id: UInt16 in [0, 3, 6, 3, 1] {
          network.forward([id], steps: 1, chunk: chunk, team: team)
          network.carryState(after: 1, chunk: chunk)
        }
        states.withLock { $0.append(chunk.state) }
      }
      run(nil)
      Team.gather(Workers(count: 3), run)
      let both = states.withLock { $0 }
      #expect(both.count == 2 && both[0] == both[1] && both[0].contains { $0 != 0 }, "\(layerSizes)")
    }
  }
}
