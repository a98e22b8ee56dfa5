// SPDX-License-Identifier: GPL-3.0-or-later
import CommandSupport

@main
struct Main {
  static func main() { Program.main(Chartok.self) }
}
