// SPDX-License-Identifier: GPL-3.0-or-later

extension RandomAccessCollection {
  /// The index of the first element that `belongs` to the second part, of elements that stand in two parts; the end
  /// index if there is no second one.
  package func partitioningIndex(where belongs: (Element) -> Bool) -> Index {
    var (low, count) = (startIndex, self.count)
    while count > 0 {
      let middle = index(low, offsetBy: count / 2)
      if belongs(self[middle]) {
        count /= 2
      } else {
        low = index(after: middle)
        count -= count / 2 + 1
      }
    }
    return low
  }
}

extension RandomAccessCollection where Element: Comparable {
  /// The index of the first element that is not below `bound`, of elements that ascend; the end index if all are.
  package func firstIndex(notBelow bound: Element) -> Index {
    partitioningIndex { $0 >= bound }
  }
}
