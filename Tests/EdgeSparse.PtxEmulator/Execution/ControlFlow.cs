namespace EdgeSparse.PtxEmulator.Execution;

/// <summary>Where ways through a function meet again.</summary>
internal static class ControlFlow
{
    /// <summary>
    /// The immediate post-dominator of each operation: the first that every way from it to the end comes to, −1 where that is the end.
    /// By the iteration of Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm" (2001), on the graph turned round.
    /// </summary>
    /// <param name="successors">Of each operation; the end is the number of operations.</param>
    public static int[] Meetings(IReadOnlyList<int[]> successors)
    {
        int end = successors.Count;
        List<int>[] predecessors = [.. Enumerable.Range(0, end + 1).Select(_ => new List<int>())];
        for (int i = 0; i < end; i++)
        {
            foreach (int next in successors[i])
            {
                predecessors[next].Add(i);
            }
        }

        int[] order = Order(predecessors, end, out List<int> reached);
        int[] meeting = new int[end + 1];
        Array.Fill(meeting, -1);
        meeting[end] = end;
        for (bool changes = true; changes;)
        {
            changes = false;
            foreach (int i in reached.Where(i => i != end))
            {
                int common = -1;
                foreach (int next in successors[i].Where(n => meeting[n] >= 0))
                {
                    common = common < 0 ? next : Common(common, next, meeting, order);
                }

                changes |= meeting[i] != common;
                meeting[i] = common;
            }
        }

        return [.. meeting[..end].Select(m => m == end ? -1 : m)];
    }

    private static int Common(int a, int b, int[] meeting, int[] order)
    {
        while (a != b)
        {
            while (order[a] > order[b])
            {
                a = meeting[a];
            }

            while (order[b] > order[a])
            {
                b = meeting[b];
            }
        }

        return a;
    }

    /// <summary>The place of each operation in reverse postorder from the end backwards, and the operations in that order.</summary>
    private static int[] Order(List<int>[] predecessors, int end, out List<int> reached)
    {
        List<int> postorder = [];
        bool[] isSeen = new bool[end + 1];
        Stack<(int Node, int Next)> open = new([(end, 0)]);
        isSeen[end] = true;
        while (open.TryPop(out (int Node, int Next) top))
        {
            if (top.Next == predecessors[top.Node].Count)
            {
                postorder.Add(top.Node);
                continue;
            }

            open.Push((top.Node, top.Next + 1));
            int before = predecessors[top.Node][top.Next];
            if (!isSeen[before])
            {
                isSeen[before] = true;
                open.Push((before, 0));
            }
        }

        postorder.Reverse();
        reached = postorder;
        int[] order = new int[end + 1];
        for (int i = 0; i < reached.Count; i++)
        {
            order[reached[i]] = i;
        }

        return order;
    }
}
