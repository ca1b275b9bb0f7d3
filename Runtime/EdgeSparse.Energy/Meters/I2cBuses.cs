using System.Globalization;

namespace EdgeSparse.Energy.Meters;

/// <summary>The I2C buses that the system offers to programs, <c>/dev/i2c-N</c>.</summary>
internal static class I2cBuses
{
    private const string Prefix = "i2c-";

    /// <summary>Numbers of the buses, ascending.</summary>
    public static IReadOnlyList<int> Find(string devices = "/dev")
    {
        List<int> found = [];
        foreach (string path in Directory.Exists(devices) ? Directory.GetFiles(devices, Prefix + "*") : [])
        {
            if (int.TryParse(Path.GetFileName(path).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int bus))
            {
                found.Add(bus);
            }
        }

        found.Sort();
        return found;
    }

    /// <summary>Tells an absent bus and a forbidden one apart, which the I2C library does not.</summary>
    /// <exception cref="MeterException">The bus is absent, or this user may not use it.</exception>
    public static void RequireAccess(int bus, string devices = "/dev")
    {
        string path = Path.Combine(devices, Prefix + bus.ToString(CultureInfo.InvariantCulture));
        try
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite).Dispose();
        }
        catch (FileNotFoundException error)
        {
            IReadOnlyList<int> others = Find(devices);
            throw new MeterException(
                $"there is no I2C bus {bus} ({path}); "
                + (others.Count > 0 ? $"there are: {string.Join(", ", others)}" : "switch I2C on, on a Raspberry Pi with: sudo raspi-config nonint do_i2c 0"),
                error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new MeterException($"no permission for {path}; join its group and log in again: sudo usermod -aG i2c $USER", error);
        }
        catch (IOException error)
        {
            throw new MeterException($"cannot open {path}: {error.Message}", error);
        }
    }
}
