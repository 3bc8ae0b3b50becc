"""Extensions that servers send as HTML or XML, so that a browser may run script. Only data.

From the registrations of types that end in ``+xml``, by way of Debian's mime.types (which Python's
mimetypes reads, and with it Flask and Django), and the tables of nginx and Apache.
"""

ACTIVE_EXTENSIONS = frozenset(
    """1km apxml art atom atomcat atomdeleted atomsrv atomsvc bmml ccmp ccxml cdxml cellml
    cl clue cml cpl csl dae davmount dbk dd2 ddf dist distz dskpp dwd eml emma emotionml
    ent es3 et3 fdt fo gml gpx grxml gsheet hal held hta htc htm html html5 htmls htt htx
    ink inkml irp its kml lasxml lbe lgr link66 lostsyncxml lostxml mads maei mail mathml
    meta4 metalink mets mht mhtml mml mods moml mpd mpkg mrcx musd musicxml mxml nws obgx
    odd omdoc opf osdx osm pkg plist provx pskcxml rapd rdf relo resx rfcxml rif rl rld
    rng rs rsat rsd rsheet rss rusd sbml scl sdkd sdkm senmlx sensmlx shf shtm shtml sls
    smi smil sml soap srgs sru srx ssdl ssml stm stpx svg svgz swf swidtag td tei
    teicorpus tfi ttml uis uo uoml uvt uvvt vml vxml wadl wbs webarchive wif wml wsdl
    wspolicy x3d x3db x3dv x3dz xaml xav xbl xca xcs xdf xdm xdp xdssc xel xenc xer xht
    xhtm xhtml xhvml xlf xliff xml xmls xns xop xpdl xpl xproc xsd xsf xsl xslt xsm xspf
    xul xvm xvml yin zaz zmm""".split()  # noqa: SIM905 - as a list it has a line for each
)

#: What is put around a file, after the extension that says what is inside.
WRAPPINGS = frozenset({"gz", "br", "zst", "z", "bz2", "xz"})
