"""The strongly connected components of a graph: files that refer to each other in a circle."""

from collections.abc import Iterator, Mapping


def components(graph: Mapping[str, list[str]]) -> Iterator[list[str]]:
    """Return the strongly connected components of a graph, each after those that it leads to.

    Tarjan's algorithm, "Depth-first search and linear graph algorithms" (1972), with a stack of its
    own, as imports can be nested deeper than Python's calls.
    """
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    waiting: dict[str, None] = {}  # an ordered set
    for start in graph:
        if start in number:
            continue
        calls = [(start, iter(graph[start]))]
        number[start] = lowest[start] = len(number)
        waiting[start] = None
        while calls:
            node, targets = calls[-1]
            for target in targets:
                if target not in number:
                    number[target] = lowest[target] = len(number)
                    waiting[target] = None
                    calls.append((target, iter(graph[target])))
                    break
                if target in waiting:
                    lowest[node] = min(lowest[node], number[target])
            else:
                calls.pop()
                if calls:
                    parent = calls[-1][0]
                    lowest[parent] = min(lowest[parent], lowest[node])
                if lowest[node] == number[node]:
                    group: list[str] = []
                    while not group or group[-1] != node:
                        group.append(waiting.popitem()[0])
                    yield group
