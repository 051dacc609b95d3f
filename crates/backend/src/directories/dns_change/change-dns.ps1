<#
.SYNOPSIS
Has a Windows WorkSpace use the DNS server @NEW@ instead of @OLD@.

.DESCRIPTION
Made by Frontdesk for @DOMAIN@ (@DIRECTORY@).

A WorkSpace keeps the DNS servers of its domain in the registry, in HKLM:\SOFTWARE\Amazon\SkyLight, value
DomainJoinDns, separated by commas, and takes them up when it starts. This script replaces @OLD@ by @NEW@ there and
leaves every other address as it is. Run it on each WorkSpace as administrator, by Group Policy, Systems Manager or
your software distribution. It may run any number of times: when it changed the value stands in
HKLM:\SOFTWARE\Frontdesk\DNS, so that a later run knows whether the WorkSpace has been restarted since. Both servers
have to answer until the whole change is done.

.PARAMETER Restart
Restarts the WorkSpace after the change, a minute later so that its user sees it coming. Without it the restart
is yours to do: the WorkSpace uses the old server until then.

.PARAMETER Report
A CSV file to which one line is added: computer, result, detail. Frontdesk imports it. It may be on a share, where all
WorkSpaces add their lines to one file.

.EXAMPLE
.\change-dns.ps1 -WhatIf
Says what it would do and changes nothing.

.EXAMPLE
.\change-dns.ps1 -Restart -Report \\files.corp.example.com\dns\outcomes.csv

.NOTES
Results:    changed      the value was changed, a restart is due
            restarting   the value was changed, and the WorkSpace restarts
            already      the value has the new address and not the old one, and no restart is due
            absent       the value has neither address: nothing was changed
            failed       it could not be read or written
            whatif       it would have been changed
Exit codes: 0 for changed, restarting, already and whatif; 2 for absent; 1 for failed;
            3 if all went well but the report could not be written.
#>
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [switch] $Restart,
    [string] $Report
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$old = '@OLD@'
$new = '@NEW@'
$key = 'HKLM:\SOFTWARE\Amazon\SkyLight'
$name = 'DomainJoinDns'
$marks = 'HKLM:\SOFTWARE\Frontdesk\DNS'

# Whether this script changed the value since the WorkSpace started last.
function Test-RestartDue {
    $mark = Get-ItemProperty -Path $marks -Name $new -ErrorAction SilentlyContinue
    if ($null -eq $mark) { return $false }
    $changed = [DateTime]::Parse($mark.$new, [Globalization.CultureInfo]::InvariantCulture, 'RoundtripKind')
    return (Get-CimInstance -ClassName Win32_OperatingSystem).LastBootUpTime.ToUniversalTime() -lt $changed
}

# What is left after the value is right.
function Complete-Change([string] $detail) {
    if (-not $Restart) { return @('changed', $detail) }
    & "$env:SystemRoot\System32\shutdown.exe" /r /t 60 /c 'A DNS server has changed. This desktop restarts in a minute.' | Out-Null
    if ($LASTEXITCODE -ne 0) { return @('changed', "$detail; the restart was refused ($LASTEXITCODE)") }
    return @('restarting', $detail)
}

function Get-Outcome {
    try {
        $before = [string] (Get-ItemProperty -Path $key -Name $name).$name
        $servers = @($before -split ',' | ForEach-Object { $_.Trim() } | Where-Object { $_ -ne '' })
        if ($servers -notcontains $old) {
            if ($servers -notcontains $new) { return @('absent', $before) }
            if (-not (Test-RestartDue)) { return @('already', $before) }
            if (-not $PSCmdlet.ShouldProcess($env:COMPUTERNAME, 'Restart, if asked to')) { return @('whatif', $before) }
            return Complete-Change "$before, changed by an earlier run"
        }
        # If the new one is there beside the old one, the old one only goes.
        $wanted = @($servers | ForEach-Object { if ($_ -eq $old) { $new } else { $_ } } | Select-Object -Unique)
        $after = $wanted -join ','
        $detail = "$before -> $after"
        if (-not $PSCmdlet.ShouldProcess("$key\$name", "Set to $after")) { return @('whatif', $detail) }
        # The mark comes first: without it a run that ends here would leave a change that nobody restarts for.
        if (-not (Test-Path -Path $marks)) { New-Item -Path $marks -Force | Out-Null }
        Set-ItemProperty -Path $marks -Name $new -Value ([DateTime]::UtcNow.ToString('o'))
        Set-ItemProperty -Path $key -Name $name -Value $after
        $written = [string] (Get-ItemProperty -Path $key -Name $name).$name
        if ($written -ne $after) { return @('failed', "the value is $written after writing $after") }
        return Complete-Change $detail
    }
    catch {
        return @('failed', $_.Exception.Message)
    }
}

# Adds the line as one write; where many computers share a file, another may hold it for a moment.
function Add-Line([string] $line) {
    # .NET knows nothing of PowerShell's own current folder.
    $path = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Report)
    for ($attempt = 1; ; $attempt++) {
        try {
            $file = [System.IO.File]::Open($path, 'OpenOrCreate', 'ReadWrite', 'None')
            try {
                $head = ''
                if ($file.Length -eq 0) { $head = "computer,result,detail`r`n" }
                [void] $file.Seek(0, 'End')
                $bytes = [System.Text.Encoding]::UTF8.GetBytes("$head$line`r`n")
                $file.Write($bytes, 0, $bytes.Length)
            }
            finally { $file.Dispose() }
            return
        }
        catch [System.IO.IOException] {
            if ($attempt -ge 50) { throw }
            Start-Sleep -Milliseconds (Get-Random -Minimum 100 -Maximum 400)
        }
    }
}

$outcome = Get-Outcome
$result = $outcome[0]
$cells = @($env:COMPUTERNAME, $result, $outcome[1]) | ForEach-Object { '"' + ([string] $_ -replace '\s+', ' ' -replace '"', '""') + '"' }
Write-Output ($cells -join ',')

$exit = 0
if ($result -eq 'failed') { $exit = 1 }
if ($result -eq 'absent') { $exit = 2 }
if ($Report -and -not $WhatIfPreference) {
    try { Add-Line ($cells -join ',') }
    catch {
        Write-Warning "The report could not be written: $($_.Exception.Message)"
        if ($exit -eq 0) { $exit = 3 }
    }
}
exit $exit
