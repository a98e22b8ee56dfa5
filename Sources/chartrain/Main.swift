// SPDX-License-Identifier: GPL-3.0-or-later
import CommandSupport

@main
struct Main {
  static func main() {
    _ = ProgramStart.seconds
    Program.main(Chartrain.self)
  }
}
