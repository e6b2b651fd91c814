from IPython.display import HTML, display

display(HTML("<script>document.title = 'rosa'</script><b>my favourite lesson</b>"))
